const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Length of a text in UTF-8, bytes. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** The longest beginning of a text of at most `maxBytes` in UTF-8, without half a character at its end. */
export function headOfBytes(text: string, maxBytes: number): string {
  const bytes = encoder.encode(text);
  if (bytes.length <= maxBytes) return text;
  let end = Math.max(0, maxBytes);
  // 10xxxxxx goes on with a character that began before.
  while (end > 0 && ((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return decoder.decode(bytes.subarray(0, end));
}
