/** 95 % of a normal distribution lie within so many standard deviations. */
const Z = 1.96;

/**
 * The lower bound of a proportion at 95 % confidence: what a record of `good` of `total` shows for
 * sure (Wilson 1927, "Probable inference"). 0 when there is no record.
 */
export function wilsonLower(good: number, total: number): number {
  if (total <= 0) return 0;
  const p = good / total;
  const z2 = Z * Z;
  const spread = Z * Math.sqrt((p * (1 - p)) / total + z2 / (4 * total * total));
  return Math.max(0, (p + z2 / (2 * total) - spread) / (1 + z2 / total));
}
