import type { RiskTier } from '../../shared/model/task.ts';

/** What closing a gap of each kind is worth, 0–1: what the owner asks for, then correctness before clarity before looks. */
const VALUE = {
  roadmap: 0.9,
  'swallowed-errors': 0.8,
  'untested-modules': 0.7,
  'unused-dependencies': 0.7,
  'unused-files': 0.65,
  'unused-imports': 0.6,
  'unused-exports': 0.55,
  'lint-fixes': 0.55,
  metadata: 0.5,
  comments: 0.5,
  formatting: 0.4,
  'undocumented-exports': 0.35,
} as const;
export type DetectorName = keyof typeof VALUE;

/** Effort at which a gap is worth half of its value, ms. */
const HALF_VALUE_MS = 30 * 60_000;
/** A doubtful change costs a human's attention too. */
const RISK_FACTOR: Record<RiskTier, number> = { low: 1, medium: 0.95, high: 0.7 };

/** Value against effort, 0–1: `value × risk × 1 / (1 + estimate / 30 min)`. */
export function scoreOf(detector: DetectorName, estimateMs: number, risk: RiskTier): number {
  return (VALUE[detector] * RISK_FACTOR[risk]) / (1 + estimateMs / HALF_VALUE_MS);
}
