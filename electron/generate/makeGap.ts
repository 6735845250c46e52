import { createHash } from 'node:crypto';
import type { Gap } from '../../shared/model/gap.ts';
import type { MechanicRecipe, RiskTier } from '../../shared/model/task.ts';
import { scoreOf, type DetectorName } from './scoring.ts';

/** The mechanic's work is seconds; the repository's tests are the rest. */
const MECHANIC_ESTIMATE_MS = 60_000;

interface Finding extends Pick<Gap, 'title' | 'type' | 'instructions' | 'acceptance' | 'evidence'> {
  readonly detector: DetectorName;
  readonly file: string;
  /** What tells this gap from others of the same detector in the same file. */
  readonly symbol: string;
  readonly risk: RiskTier;
  readonly deliverables?: readonly string[];
  readonly scope?: readonly string[];
}

function fingerprint({ detector, file, symbol }: Finding): string {
  // A symbol may be a whole comment: its hash is as good a name.
  const short =
    symbol.length <= 60 ? symbol : createHash('sha256').update(symbol).digest('hex').slice(0, 16);
  return [detector, file, ...(short === '' ? [] : [short])].join(':');
}

function make(finding: Finding, executor: Gap['executor'], estimateMs: number): Gap {
  const { detector, file, title, type, instructions, acceptance, risk } = finding;
  return {
    fingerprint: fingerprint(finding),
    detector,
    title: title.length > 200 ? `${title.slice(0, 199)}…` : title,
    type,
    instructions,
    acceptance: [...acceptance, 'The tests fail nowhere that they passed before.'],
    deliverables: [...(finding.deliverables ?? [])],
    scope: [...(finding.scope ?? [file])],
    references: [file],
    evidence: finding.evidence,
    executor,
    risk,
    estimateMs,
    score: scoreOf(detector, estimateMs, risk),
  };
}

/** A gap that the mechanic can close. */
export function mechanicGap(finding: Finding, recipe: MechanicRecipe): Gap {
  return make(finding, { kind: 'mechanic', recipe }, MECHANIC_ESTIMATE_MS);
}

/** A gap that needs a coding agent. */
export function agentGap(finding: Finding, estimateMs: number): Gap {
  return make(finding, { kind: 'agent' }, estimateMs);
}
