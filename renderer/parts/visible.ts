// eslint-disable-next-line no-control-regex -- control characters are what this is about
const ANSI = /\u001b\[[0-9;:?]*[ -/]*[@-~]/g;
/** Control characters but for line breaks and tabs, and what turns the direction of writing. */
const UNSEEN =
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text from outside with what can't be seen shown as `·`, so that it reads as what it is. */
export function visible(text: string): string {
  return text.replace(UNSEEN, '·');
}

/** What a program printed, without the codes by which it coloured a terminal. */
export function visibleOutput(text: string): string {
  return visible(text.replace(ANSI, '').replace(/\r\n?/g, '\n'));
}
