/** Numbers of tasks and questions come in blocks, so that nodes that can't ask each other give out different ones. */
const BLOCK = 1_000;
/** Members that a mesh can have at once: slot s owns the blocks k with k mod SLOTS = s. */
const SLOTS = 64;

/**
 * The number after `last` that the owner of a slot may give out; on a lone node (`slot` null) simply
 * the next one.
 */
function nextNumber(last: number, slot: number | null): number {
  const next = last + 1;
  if (slot === null) return next;
  const block = Math.floor(next / BLOCK);
  if (block % SLOTS === slot) return next;
  const ahead = (slot - (block % SLOTS) + SLOTS) % SLOTS;
  // The first block has no number 0.
  return Math.max(1, (block + ahead) * BLOCK);
}

/** The `index`-th of the numbers after `last`, counted from 0. */
export function nthNumber(last: number, slot: number | null, index: number): number {
  let number = nextNumber(last, slot);
  for (let at = 0; at < index; at++) number = nextNumber(number, slot);
  return number;
}
