import { byteLength } from './bytes.ts';
import { fence, fenceWithin } from './fence.ts';

/** A piece of a prompt; it may be empty when there was no room for it. */
export interface Section {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

/** Material that goes into a prompt where there is room. */
export interface Wish {
  readonly kind: string;
  readonly name: string;
  readonly label: string;
  readonly text: string;
  /** The largest share of the prompt that it may take, 0–1. */
  readonly share: number;
}

/** Of the whole prompt: one long file may not push out everything else. */
export const MOST_OF_ONE_PART = 0.25;

/**
 * Fences wishes in their order into `room` bytes of a prompt of `maxBytes`; the end of a long one is cut.
 * After one that had to give way nothing less important gets in.
 */
export function fillRoom(wishes: readonly Wish[], room: number, maxBytes: number): Section[] {
  let left = room;
  return wishes.map(({ kind, name, label, text, share }) => {
    const most = Math.floor(maxBytes * share);
    const block = fenceWithin(label, text, Math.min(left, most)) ?? '';
    const bytes = byteLength(block);
    const crowded = left < most && bytes < byteLength(fence(label, text));
    left = crowded ? 0 : left - bytes;
    return { kind, name, text: block };
  });
}
