/** An entry as it is shown: what it is, in a word, and its text. */
export interface Entry {
  readonly kind: string;
  readonly atMs: number | null;
  readonly text: string;
}

/** A line that a bound put where it left something out. */
const GAP = /^\[… (\d+) bytes left out …\]$/;

/**
 * Reads a transcript, a JSON object a line. A line that is no whole entry is left out; a tool call is told
 * once, as it stood last. Other kinds than these may come from another version and are shown as they are.
 */
export function readTranscript(text: string): Entry[] {
  const entries: Entry[] = [];
  const places = new Map<string, number>();
  for (const line of text.split('\n')) {
    const gap = GAP.exec(line.trim())?.[1];
    if (gap !== undefined) {
      entries.push({ kind: 'gap', atMs: null, text: `${gap} bytes were left out` });
      continue;
    }
    const read = objectOf(line);
    if (!read) continue;
    const entry = toEntry(read);
    const id = read['kind'] === 'tool' && typeof read['id'] === 'string' ? read['id'] : null;
    const place = id === null ? undefined : places.get(id);
    if (place !== undefined) entries[place] = entry;
    else {
      if (id !== null) places.set(id, entries.length);
      entries.push(entry);
    }
  }
  return entries;
}

type Fields = Readonly<Record<string, unknown>>;

function toEntry(fields: Fields): Entry {
  const said = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  const kind = said('kind') || 'entry';
  const atMs = typeof fields['at'] === 'number' ? fields['at'] : null;
  switch (kind) {
    case 'prompt':
    case 'message':
    case 'thought':
    case 'noise':
      return { kind, atMs, text: said('text') };
    case 'start':
      return { kind, atMs, text: said('agent') };
    case 'tool':
    case 'permission': {
      const what = said('command') || said('title') || said('tool');
      const how = [said('status'), said('answer'), said('reason')].filter(Boolean).join(', ');
      return { kind, atMs, text: how === '' ? what : `${what} (${how})` };
    }
    case 'plan':
      return { kind, atMs, text: planOf(fields['entries']) };
    case 'mode':
      return { kind, atMs, text: said('mode') };
    case 'end':
      return { kind, atMs, text: [said('outcome'), said('detail')].filter(Boolean).join(': ') };
    default:
      return { kind, atMs, text: JSON.stringify(fields) };
  }
}

function planOf(entries: unknown): string {
  if (!Array.isArray(entries)) return '';
  return entries
    .map((entry: unknown) => {
      const { content = '', status = '' } = isFields(entry) ? entry : {};
      return `${String(status)}: ${String(content)}`;
    })
    .join('\n');
}

function objectOf(line: string): Fields | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
