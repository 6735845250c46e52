/**
 * Control characters, and those that turn the direction of what follows or are not to be seen: text from outside
 * could otherwise look like something else than it says.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;

/** A text from outside as one line of plain text, cut to `most` characters. */
export function plainLine(text: string, most: number): string {
  const line = text
    // Far more than is kept: what is cut away need not be looked at.
    .slice(0, most * 4)
    .replace(/\s+/g, ' ')
    .replace(UNSEEN, '')
    .trim();
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('')}…`;
}
