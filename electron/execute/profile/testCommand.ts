import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackageManager } from '../../../shared/model/project.ts';
import { isTestFile } from '../../../shared/policy/tests.ts';
import { programCommand, scriptCommand } from './packageManager.ts';
import { dependsOn, type ProjectFiles } from './projectFiles.ts';

export interface FoundCommand {
  readonly command: string;
  /** Where it was found. */
  readonly source: string;
  readonly notes: readonly string[];
}

/** Scripts that run tests where there is none of that name, most usual first. */
const OTHER_SCRIPTS = ['test:unit', 'test:ci', 'tests', 'unit'];
/** A script that tests nothing: npm's placeholder and its kin. */
const PLACEHOLDER =
  /no test specified|^\s*(echo\b[^&|;]*|true|:)?\s*(&&)?\s*(exit\s+\d+|true|:)?\s*;?\s*$/;
/** A test that waits for changes of files never ends. CI=1 switches the default off, but not these. */
const WATCHES = /--watch(All)?(?![\w-]|=false)|\bvitest\s+(watch|dev)\b|\bmocha\b.*\s-w\b/;

/** Test runners and how each is told to run once. */
const RUNNERS: readonly { readonly name: string; readonly program: string }[] = [
  { name: 'vitest', program: 'vitest run' },
  { name: 'jest', program: 'jest' },
  { name: 'mocha', program: 'mocha' },
  { name: 'ava', program: 'ava' },
  { name: 'tap', program: 'tap' },
  { name: 'jasmine', program: 'jasmine' },
];

/** Test files looked into for the name of their runner. */
const MAX_LOOKED_INTO = 20;

/** The command that runs the project's tests, or null when nothing tells of one. */
export async function findTestCommand(
  project: ProjectFiles,
  manager: PackageManager,
): Promise<FoundCommand | null> {
  return (
    fromScripts(project, manager) ??
    fromRunners(project, manager) ??
    (await fromNodeTest(project)) ??
    (await fromOtherTools(project))
  );
}

function fromScripts({ manifest }: ProjectFiles, manager: PackageManager): FoundCommand | null {
  for (const name of ['test', ...OTHER_SCRIPTS]) {
    const script = manifest?.scripts?.[name];
    if (script === undefined || PLACEHOLDER.test(script)) continue;
    const notes = WATCHES.test(script)
      ? [
          `The script \`${name}\` (${script}) watches for changes and may never end; set \`test:\` in vigil.yaml to a command that runs once.`,
        ]
      : [];
    return {
      command: scriptCommand(manager, name),
      source: `detected: script ${name} in package.json`,
      notes,
    };
  }
  return null;
}

function fromRunners(
  { manifest, files }: ProjectFiles,
  manager: PackageManager,
): FoundCommand | null {
  if (!files.some(isTestFile)) return null;
  const runner = RUNNERS.find(({ name }) => dependsOn(manifest, name));
  if (runner === undefined) return null;
  return {
    command: programCommand(manager, runner.program),
    source: `detected: ${runner.name} in package.json`,
    notes: [],
  };
}

/** Tests for the runner that comes with Node need neither a script nor a dependency. */
async function fromNodeTest({ root, files }: ProjectFiles): Promise<FoundCommand | null> {
  const tests = files
    .filter((file) => isTestFile(file) && /\.[cm]?js$/.test(file))
    .slice(0, MAX_LOOKED_INTO);
  for (const file of tests) {
    const text = await readFile(path.join(root, file), 'utf8');
    if (/['"]node:test['"]/.test(text))
      return { command: 'node --test', source: `detected: node:test in ${file}`, notes: [] };
  }
  return null;
}

async function fromOtherTools({ root, top, files }: ProjectFiles): Promise<FoundCommand | null> {
  const found = (command: string, source: string): FoundCommand => ({
    command,
    source: `detected: ${source}`,
    notes: [],
  });
  if (top.has('Cargo.toml')) return found('cargo test', 'Cargo.toml');
  if (top.has('go.mod')) return found('go test ./...', 'go.mod');
  const pytest = ['pytest.ini', 'conftest.py', 'tests/conftest.py'].find((file) =>
    files.includes(file),
  );
  if (pytest !== undefined) return found('python3 -m pytest', pytest);
  if (files.some((file) => /(^|\/)test_[^/]+\.py$/.test(file)))
    return found('python3 -m pytest', 'test_*.py');
  const makefile = ['GNUmakefile', 'makefile', 'Makefile'].find((name) => top.has(name));
  if (
    makefile !== undefined &&
    /^test\s*:(?!=)/m.test(await readFile(path.join(root, makefile), 'utf8'))
  )
    return found('make test', makefile);
  return null;
}
