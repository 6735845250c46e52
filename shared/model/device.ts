import { z } from 'zod';

/**
 * Who a node is to people and to its peers: the SHA-256 of its public key in base32, 52 characters in
 * four parts of 13, each followed by a check character (Luhn mod 32), written in eight groups of seven.
 * The manner is Syncthing's (docs.syncthing.net, "Understanding Device IDs").
 */
export const DeviceId = z
  .string()
  .refine((text) => isCanonical(text), 'a device id is eight groups of seven characters')
  .brand<'DeviceId'>();
export type DeviceId = z.infer<typeof DeviceId>;

/** A device id that was read, or what is wrong with it in words. */
export type DeviceIdReading =
  | { readonly device: DeviceId; readonly problem: null }
  | { readonly device: null; readonly problem: string };

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const HASH_BYTES = 32;
const PART = 13;
const CHECKED_PART = PART + 1;
const GROUP = 7;
const PARTS = 4;

/** The id of a key by the 32 bytes of the SHA-256 of its SPKI form. Throws a RangeError for any other length. */
export function formatDeviceId(hash: Uint8Array): DeviceId {
  if (hash.length !== HASH_BYTES) throw new RangeError(`a key's hash has ${HASH_BYTES} bytes`);
  return DeviceId.parse(grouped(chunks(base32(hash), PART).map(withCheck).join('')));
}

/**
 * Reads an id as a person types it: lower case, other separators and the digits 0, 1 and 8 for O, I and B
 * are taken. A mistake is named by the groups in which it is: any one wrong character is found.
 */
export function readDeviceId(text: string): DeviceIdReading {
  const plain = text
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replaceAll('0', 'O')
    .replaceAll('1', 'I')
    .replaceAll('8', 'B');
  const length = CHECKED_PART * PARTS;
  if (plain.length !== length)
    return wrong(`a device id has ${length} letters and digits, this has ${plain.length}`);
  for (const [index, part] of chunks(plain, CHECKED_PART).entries()) {
    const groups = `groups ${2 * index + 1} and ${2 * index + 2} of 8 (${chunks(part, GROUP).join('-')})`;
    const stranger = [...part].find((char) => !ALPHABET.includes(char));
    if (stranger !== undefined)
      return wrong(`${groups} hold "${stranger}", which no device id has`);
    if (withCheck(part.slice(0, PART)) !== part) return wrong(`${groups} are mistyped`);
  }
  return { device: DeviceId.parse(grouped(plain)), problem: null };
}

function wrong(problem: string): DeviceIdReading {
  return { device: null, problem };
}

function isCanonical(text: string): boolean {
  const plain = text.replaceAll('-', '');
  return (
    plain.length === CHECKED_PART * PARTS &&
    text === grouped(plain) &&
    chunks(plain, CHECKED_PART).every(
      (part) =>
        [...part].every((char) => ALPHABET.includes(char)) &&
        withCheck(part.slice(0, PART)) === part,
    )
  );
}

function grouped(plain: string): string {
  return chunks(plain, GROUP).join('-');
}

/**
 * A part with its check character. Doubling every second value and adding the digits of the product in
 * base 32 permutes the values, so that any one changed character changes the sum.
 */
function withCheck(part: string): string {
  let sum = 0;
  for (const [index, char] of [...part].entries()) {
    const value = ALPHABET.indexOf(char) * (index % 2 === 0 ? 1 : 2);
    sum += Math.floor(value / ALPHABET.length) + (value % ALPHABET.length);
  }
  return part + ALPHABET.charAt((ALPHABET.length - (sum % ALPHABET.length)) % ALPHABET.length);
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((value >> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET.charAt((value << (5 - bits)) & 31);
}

function chunks(text: string, size: number): string[] {
  return text.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
}
