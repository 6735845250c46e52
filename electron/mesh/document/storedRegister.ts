import { z } from 'zod';
import { VigilError } from '../../../shared/model/errors.ts';
import type { NodeId } from '../../../shared/model/ids.ts';
import { Stamp } from '../../../shared/model/register.ts';
import type { Register } from '../../../shared/model/register.ts';

/** Of one register as stored. A task's spec takes 1–4 kB; this leaves room and keeps one writer from filling every node. */
export const MAX_REGISTER_BYTES = 256 * 1024;

const Entity = z
  .string()
  .regex(
    /^[a-z][a-z-]{0,31}\/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/,
    'an entity is named like task/T-12',
  );
const Name = z
  .string()
  .regex(/^[a-z][A-Za-z0-9._-]{0,63}$/, 'a register is named by letters, digits, dots and dashes');
/** Its writer is told by the list that it stands in. */
const Value = z.unknown().refine((value) => value !== undefined, 'a value is JSON');
const Stored = z.tuple([Entity, Name, Stamp.shape.seq, Stamp.shape.clock, Value]);

/** Kept: to make one takes as long as to use it. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A register without its value: what a reader chooses by. */
export type RegisterKey = Omit<Register, 'value'>;

/**
 * The bytes of a register in the document: JSON of `[entity, name, seq, clock, value]`.
 * Throws `invalid-input` for a name that no entity or register may have, `too-large` above `MAX_REGISTER_BYTES`.
 */
export function encodeRegister({ entity, name, stamp, value }: Register): Uint8Array {
  const stored = [entity, name, stamp.seq, stamp.clock, value];
  const parsed = Stored.safeParse(stored);
  if (!parsed.success) {
    throw new VigilError(
      'invalid-input',
      `The register ${name} of ${entity} can't be kept: ${z.prettifyError(parsed.error)}.`,
      'Name entities like task/T-12 and registers by letters and digits.',
    );
  }
  const bytes = new TextEncoder().encode(JSON.stringify(stored));
  if (bytes.byteLength > MAX_REGISTER_BYTES) {
    throw new VigilError(
      'too-large',
      `The register ${name} of ${entity} takes ${bytes.byteLength} bytes; ${MAX_REGISTER_BYTES} fit.`,
      'Keep long texts in the log and in git; the document holds what is decided by.',
    );
  }
  return bytes;
}

/** A register as it came, or why it is none. */
export function decodeRegister(writer: NodeId, bytes: Uint8Array): Register | string {
  if (bytes.byteLength > MAX_REGISTER_BYTES) {
    return `${bytes.byteLength} bytes, more than a register may have`;
  }
  let json: unknown;
  try {
    json = JSON.parse(utf8.decode(bytes));
  } catch {
    return 'not JSON';
  }
  const stored = Stored.safeParse(json);
  if (!stored.success) return z.prettifyError(stored.error);
  const [entity, name, seq, clock, value] = stored.data;
  return { entity, name, stamp: { node: writer, seq, clock }, value };
}
