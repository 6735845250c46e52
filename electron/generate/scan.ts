import { messageOf } from '../../shared/model/errors.ts';
import type { Gap } from '../../shared/model/gap.ts';
import { openContext, type Detector, type ScanInput } from './context.ts';
import { todoComments } from './detectors/comments.ts';
import { formatting } from './detectors/formatting.ts';
import { lintFixes, unusedImports } from './detectors/lint.ts';
import { metadata } from './detectors/metadata.ts';
import { roadmap } from './detectors/roadmap.ts';
import { swallowedErrors } from './detectors/swallowedErrors.ts';
import { undocumentedExports } from './detectors/undocumentedExports.ts';
import { untestedModules } from './detectors/untestedModules.ts';
import { unusedDependencies } from './detectors/unusedDependencies.ts';
import { unusedExports } from './detectors/unusedExports.ts';
import { unusedFiles } from './detectors/unusedFiles.ts';
import { manifestAt } from './published.ts';
import type { ScanResult } from './scanResult.ts';

/** These ask knip, which needs a manifest. */
const BY_KNIP: readonly Detector[] = [unusedFiles, unusedExports, unusedDependencies];
const BY_SOURCE: readonly Detector[] = [
  unusedImports,
  lintFixes,
  formatting,
  metadata,
  todoComments,
  roadmap,
  swallowedErrors,
  untestedModules,
  undocumentedExports,
];

/**
 * Looks for work in a checked-out project with every detector. One that fails becomes a trouble.
 * Throws when the project cannot be read at all, or when aborted. Prefer `scanInChild` in the node:
 * syntax trees of a large project take memory that V8 does not give back.
 */
export async function scan(input: ScanInput, signal: AbortSignal): Promise<ScanResult> {
  const context = await openContext(input, signal);
  const detectors = [
    ...(manifestAt(context, 'package.json') === null ? [] : BY_KNIP),
    ...BY_SOURCE,
  ];
  const gaps = new Map<string, Gap>();
  const troubles = new Set<string>();
  for (const detector of detectors) {
    signal.throwIfAborted();
    try {
      for (const gap of await detector.find(context)) gaps.set(gap.fingerprint, gap);
    } catch (error) {
      troubles.add(
        BY_KNIP.includes(detector) ? messageOf(error) : `${detector.name}: ${messageOf(error)}`,
      );
    }
  }
  signal.throwIfAborted();
  return { gaps: [...gaps.values()], troubles: [...troubles] };
}
