import * as Y from 'yjs';

/** Updates merged at a time: Yjs sorts its readers after each item, so all at once would take quadratic time. */
const AT_ONCE = 8;

/** One update that does what these do, applied in order. */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const [only, ...more] = updates;
  if (only && more.length === 0) return only;
  if (updates.length <= AT_ONCE) return Y.mergeUpdates([...updates]);
  const merged: Uint8Array[] = [];
  for (let at = 0; at < updates.length; at += AT_ONCE) {
    merged.push(Y.mergeUpdates(updates.slice(at, at + AT_ONCE)));
  }
  return mergeUpdates(merged);
}
