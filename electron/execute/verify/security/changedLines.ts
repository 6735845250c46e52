import { git } from '../../repository/git.ts';

/** What a commit changes in one file. */
export interface ChangedFile {
  /** Its name now, for people: names with special characters are quoted as git does it. */
  readonly file: string;
  readonly added: readonly { readonly number: number; readonly text: string }[];
  readonly removed: readonly string[];
  /** Object ids of its content before and after; null: it was not there, or is not any more. */
  readonly before: string | null;
  readonly after: string | null;
}

/** A diff beyond this is not read: nothing that a person wrote is so large, bytes. */
const MAX_DIFF_BYTES = 32 * 1024 * 1024;
const NO_OBJECT = /^0+$/;
const HUNK = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/**
 * The lines that HEAD adds to and removes from `base`, from the commits and not from the working tree,
 * which may hold something else. Attributes of the repository can't hide a file. Null: it is too large.
 * @throws VigilError `git-failed`.
 */
export async function changedLines(root: string, base: string): Promise<ChangedFile[] | null> {
  const { stdout } = await git(
    root,
    [
      'diff-tree',
      '-r',
      '-p',
      '-M',
      '--text',
      '--no-ext-diff',
      '--no-textconv',
      '--full-index',
      '--src-prefix=a/',
      '--dst-prefix=b/',
      '--unified=0',
      base,
      'HEAD',
    ],
    { maxBytes: MAX_DIFF_BYTES },
  );
  // Characters are at most as many as bytes; a diff that was cut is at its bound or a character below.
  return Buffer.byteLength(stdout) >= MAX_DIFF_BYTES ? null : parsePatch(stdout);
}

/** Reads a patch by the counts of its hunks, so that no content can pass for a header. */
export function parsePatch(patch: string): ChangedFile[] {
  const files: ChangedFile[] = [];
  let file = '';
  let ids: { before: string | null; after: string | null } = { before: null, after: null };
  let added: { number: number; text: string }[] = [];
  let removed: string[] = [];
  const close = (): void => {
    if (added.length + removed.length > 0) files.push({ file, added, removed, ...ids });
    [added, removed] = [[], []];
  };
  let oldLeft = 0;
  let newLeft = 0;
  let number = 0;
  for (const line of patch.split('\n')) {
    if (oldLeft > 0 && line.startsWith('-')) {
      removed.push(line.slice(1));
      oldLeft -= 1;
    } else if (newLeft > 0 && line.startsWith('+')) {
      added.push({ number, text: line.slice(1) });
      number += 1;
      newLeft -= 1;
    } else if (line.startsWith('diff --git ')) {
      close();
      ids = { before: null, after: null };
    } else if (line.startsWith('index ')) {
      const [before = '', after = ''] = (line.slice('index '.length).split(' ')[0] ?? '').split(
        '..',
      );
      ids = { before: idOf(before), after: idOf(after) };
    } else if (line.startsWith('--- a/') || line.startsWith('--- "a/')) {
      file = nameIn(line);
    } else if (line.startsWith('+++ b/') || line.startsWith('+++ "b/')) {
      file = nameIn(line);
    } else {
      const hunk = HUNK.exec(line);
      if (hunk === null) continue;
      oldLeft = Number(hunk[1] ?? 1);
      newLeft = Number(hunk[3] ?? 1);
      number = Number(hunk[2]);
    }
  }
  close();
  return files;
}

function idOf(id: string): string | null {
  return NO_OBJECT.test(id) ? null : id;
}

/** From `+++ b/name`, which git ends with a tab when the name has spaces, or quotes. */
function nameIn(header: string): string {
  const name = header.slice(4).replace(/\t$/, '');
  return name.startsWith('"') ? name.slice(3, -1) : name.slice(2);
}
