/** Minutes by which this machine's clock is ahead of UTC at a moment, as `format.ts` takes them. */
export function localOffset(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset();
}
