export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed' | 'note';
  /** Line numbers before and after; null where the line is not there. */
  readonly before: number | null;
  readonly after: number | null;
  readonly text: string;
}

export interface DiffHunk {
  readonly header: string;
  readonly lines: DiffLine[];
}

export interface DiffFile {
  readonly path: string;
  readonly change: 'added' | 'deleted' | 'changed';
  /** What git says of a file in place of its lines: that it is binary, or that its mode changed. */
  readonly notes: readonly string[];
  readonly added: number;
  readonly removed: number;
  readonly hunks: readonly DiffHunk[];
}

type Draft = { -readonly [K in keyof DiffFile]: DiffFile[K] } & {
  notes: string[];
  hunks: DiffHunk[];
};

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Reads a unified diff as git prints it. What is not understood is kept as a note: nothing is hidden. */
export function parseDiff(text: string): DiffFile[] {
  const files: Draft[] = [];
  let file: Draft | undefined;
  let hunk: DiffHunk | undefined;
  let before = 0;
  let after = 0;
  /** Lines of the hunk that are still to come: `--- a` within it is a line that was removed. */
  let leftBefore = 0;
  let leftAfter = 0;
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const isInHunk = leftBefore > 0 || leftAfter > 0;
    if (!isInHunk && line.startsWith('diff --git ')) {
      file = draft(pathOf(line));
      files.push(file);
      hunk = undefined;
      continue;
    }
    if (line === '') {
      if (!isInHunk) continue;
    }
    if (!file) {
      file = draft('');
      files.push(file);
    }
    const head = isInHunk ? null : HUNK.exec(line);
    if (head) {
      before = Number(head[1]);
      after = Number(head[3]);
      leftBefore = Number(head[2] ?? 1);
      leftAfter = Number(head[4] ?? 1);
      hunk = { header: line, lines: [] };
      file.hunks.push(hunk);
    } else if (hunk && isInHunk && line.startsWith('+')) {
      hunk.lines.push({ kind: 'added', before: null, after: after++, text: line.slice(1) });
      leftAfter -= 1;
      file.added += 1;
    } else if (hunk && isInHunk && line.startsWith('-')) {
      hunk.lines.push({ kind: 'removed', before: before++, after: null, text: line.slice(1) });
      leftBefore -= 1;
      file.removed += 1;
    } else if (hunk && isInHunk && (line.startsWith(' ') || line === '')) {
      hunk.lines.push({ kind: 'same', before: before++, after: after++, text: line.slice(1) });
      leftBefore -= 1;
      leftAfter -= 1;
    } else if (hunk) {
      hunk.lines.push({ kind: 'note', before: null, after: null, text: line });
    } else header(file, line);
  }
  return files;
}

function header(file: Draft, line: string): void {
  if (line.startsWith('new file')) file.change = 'added';
  else if (line.startsWith('deleted file')) file.change = 'deleted';
  else if (line.startsWith('+++ ')) file.path = named(line.slice(4)) ?? file.path;
  else if (line.startsWith('--- ')) file.path = named(line.slice(4)) ?? file.path;
  else if (!line.startsWith('index ')) file.notes.push(line);
}

function draft(path: string): Draft {
  return { path, change: 'changed', notes: [], added: 0, removed: 0, hunks: [] };
}

/** The path of `a/path`, which git quotes where it is unusual; null for no file. */
function named(side: string): string | null {
  const bare = side.replace(/\t$/, '').replace(/^"(.*)"$/, '$1');
  return bare === '/dev/null' ? null : bare.replace(/^[ab]\//, '');
}

/** The path of a `diff --git a/x b/x`: both halves are the same, because renames are not told. */
function pathOf(line: string): string {
  const names = line.slice('diff --git '.length);
  return named(names.slice(0, (names.length - 1) / 2)) ?? names;
}
