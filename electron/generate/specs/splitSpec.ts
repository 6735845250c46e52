import type { Origin } from '../../../shared/model/task.ts';
import { tooVagueOrLarge } from '../../../shared/policy/spec.ts';
import { missingDeliverables } from '../../../shared/policy/scope.ts';
import { parseJsonReply, type Parsed } from '../../../shared/prompt/jsonReply.ts';
import { splitRequest } from '../../../shared/prompt/specPrompt.ts';
import { withinRails } from '../../../shared/prompt/specRails.ts';
import { SplitReply } from '../../../shared/prompt/specReply.ts';
import { askFor, type Asked } from './askFor.ts';
import { scored, type WriteOptions, type WrittenSpec } from './writeSpec.ts';

/** A dependency on another part, by its key. */
type PartDependency = SplitReply['parts'][number]['dependsOn'][number];

/** One part of a task that was split. */
export interface SpecPart extends Omit<WrittenSpec, 'after'> {
  readonly key: string;
  readonly dependsOn: readonly PartDependency[];
  /** Of the task that it is a part of. */
  readonly origin: Origin;
}

export interface SplitOptions extends Omit<WriteOptions, 'siblings'> {
  /** Of the task that is split. */
  readonly origin: Origin;
  /** Why it is split, in words: its complexity, or what its attempts failed of. */
  readonly reason: string;
}

/**
 * Has a model cut a large task into 2 to 6 parts, each before those that depend on it. Each part is held to
 * the rails of the task as a whole and must be neither vague nor large itself; circles are refused. What
 * can't be taken is asked again at most twice. Never throws for what the model says or for a failed call.
 */
export function splitSpec(options: SplitOptions): Promise<Asked<readonly SpecPart[]>> {
  const request = splitRequest(options, options.reason);
  return askFor(options.ask, request, (text) => readParts(text, options));
}

function readParts(
  text: string,
  { draft, files, origin }: SplitOptions,
): Parsed<readonly SpecPart[]> {
  const parsed = parseJsonReply(text, SplitReply);
  if (!parsed.ok) return parsed;
  const { parts } = parsed.value;
  const ordered = inOrder(parts);
  if (!ordered.ok) return ordered;
  const known = [...files, ...parts.flatMap((part) => part.deliverables)];
  const problems: string[] = [];
  const specs: SpecPart[] = [];
  for (const part of ordered.value) {
    // What another part makes may be read, as if it were there.
    const held = withinRails(part, draft, known);
    if (!held.ok) {
      problems.push(`${part.key}: ${held.error}`);
      continue;
    }
    const spec = scored(held.value);
    const unfit = tooVagueOrLarge(spec.scores);
    if (unfit !== null) problems.push(`${part.key}: ${[unfit, ...spec.scores.notes].join('; ')}`);
    specs.push({ ...spec, key: part.key, dependsOn: part.dependsOn, origin });
  }
  return problems.length > 0
    ? { ok: false, error: problems.join('\n') }
    : { ok: true, value: specs };
}

type Part = SplitReply['parts'][number];

/** The parts, each after those it depends on. */
function inOrder(parts: readonly Part[]): Parsed<Part[]> {
  const byKey = new Map(parts.map((part) => [part.key, part]));
  if (byKey.size < parts.length) return { ok: false, error: 'two parts have the same key' };
  for (const { key, dependsOn } of parts)
    for (const dependency of dependsOn) {
      const other = byKey.get(dependency.on);
      if (other === undefined)
        return { ok: false, error: `${key} depends on ${dependency.on}, which is no part` };
      if (
        dependency.type === 'hard' &&
        missingDeliverables([dependency.artifact], other.deliverables).length > 0
      )
        return {
          ok: false,
          error: `${key} needs ${dependency.artifact}, which is no deliverable of ${other.key}`,
        };
    }
  const done = new Map<string, Part>();
  while (done.size < parts.length) {
    const next = parts.find(
      ({ key, dependsOn }) => !done.has(key) && dependsOn.every(({ on }) => done.has(on)),
    );
    if (next === undefined) {
      const circle = parts.filter(({ key }) => !done.has(key)).map(({ key }) => key);
      return { ok: false, error: `${circle.join(', ')} wait for each other in a circle` };
    }
    done.set(next.key, next);
  }
  return { ok: true, value: [...done.values()] };
}
