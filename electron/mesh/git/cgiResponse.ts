const HEADERS_END = /\r?\n\r?\n/;
/** More than any backend says of an answer. */
const MAX_HEADER_BYTES = 16 * 1024;

export interface CgiHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What came of the body along with the head. */
  readonly rest: Buffer;
}

/** Reads the head of a CGI program's answer; null until it is whole. Throws when there is none. */
export function parseCgiHead(output: Buffer): CgiHead | null {
  const text = output.subarray(0, MAX_HEADER_BYTES).toString('latin1');
  const end = HEADERS_END.exec(text);
  if (!end) {
    if (output.length >= MAX_HEADER_BYTES) throw new Error('the head of the answer has no end');
    return null;
  }
  let status = 200;
  const headers: Record<string, string> = {};
  for (const line of text.slice(0, end.index).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 0) throw new Error('the answer has no head');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'status') status = Number.parseInt(value, 10) || 500;
    else headers[name] = value;
  }
  return { status, headers, rest: output.subarray(end.index + end[0].length) };
}
