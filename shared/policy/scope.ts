import picomatch from 'picomatch';

/** Files that hold Vigil's own rules for a project: only a scope that names them may change them. */
const POLICY_FILES = ['vigil.yaml', 'vigil.yml'];

/** A glob, a file, or a folder: a bare path also means everything below it. */
function matcher(pattern: string): (file: string) => boolean {
  const path = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  if (path === '' || path === '.') return () => true;
  if (!picomatch.scan(path).isGlob) return (file) => file === path || file.startsWith(`${path}/`);
  const matches = picomatch(path, { dot: true });
  // A file whose name looks like a glob, such as `[id].ts`, is still itself.
  return (file) => file === path || matches(file);
}

/**
 * The changed files that a scope does not allow, in their order. An empty scope allows the whole
 * project, except the files of Vigil's own rules, which have to be named one by one.
 */
export function outsideScope(files: readonly string[], scope: readonly string[]): string[] {
  const allowed = scope.map(matcher);
  return files.filter((file) =>
    POLICY_FILES.includes(file)
      ? !scope.includes(file)
      : allowed.length > 0 && !allowed.some((matches) => matches(file)),
  );
}

/** The deliverables (paths, folders or globs) that no existing file satisfies, in their order. */
export function missingDeliverables(
  deliverables: readonly string[],
  existingFiles: readonly string[],
): string[] {
  const existing = new Set(existingFiles);
  return deliverables.filter(
    (deliverable) => !existing.has(deliverable) && !existingFiles.some(matcher(deliverable)),
  );
}
