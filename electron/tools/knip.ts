import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { VigilError } from '../../shared/model/errors.ts';
import { ownPackage } from './package.ts';
import { runScript } from './runTool.ts';

const NamedIssue = z.looseObject({ name: z.string(), line: z.number().int().optional() });
const Report = z.looseObject({
  issues: z.array(
    z.looseObject({
      file: z.string(),
      files: z.array(z.unknown()).default([]),
      exports: z.array(NamedIssue).default([]),
      types: z.array(NamedIssue).default([]),
      dependencies: z.array(NamedIssue).default([]),
      devDependencies: z.array(NamedIssue).default([]),
      unresolved: z.array(NamedIssue).default([]),
    }),
  ),
});

export interface KnipReport {
  readonly files: readonly string[];
  readonly exports: readonly {
    readonly file: string;
    readonly name: string;
    readonly line: number;
  }[];
  readonly dependencies: readonly {
    readonly manifest: string;
    readonly name: string;
    readonly section: 'dependencies' | 'devDependencies';
  }[];
  /** Imports that lead nowhere: what knip says about files is in doubt. */
  readonly unresolved: readonly { readonly file: string; readonly name: string }[];
}

const OWN_CONFIG = [
  ...['knip.json', 'knip.jsonc', '.knip.json', '.knip.jsonc', 'knip.ts', 'knip.js'],
  ...['knip.config.ts', 'knip.config.js'],
];

/** What people run by hand, or what runners find by name: in use without anybody importing it. */
const ENTRIES = [
  '{index,cli,main,server,app}.{js,mjs,cjs,jsx,ts,tsx,mts,cts}',
  'src/**/{index,cli,main,server,app}.{js,mjs,cjs,jsx,ts,tsx,mts,cts}',
  '**/*.{test,tst,test-d,spec,bench,stories,config}.{js,mjs,cjs,jsx,ts,tsx,mts,cts}',
  '**/{test,tests,__tests__,spec,e2e,bench,benchmark,benchmarks,perf,example,examples,demo,demos,docs,doc,website,script,scripts,tool,tools,bin,build,fixtures,__fixtures__,__mocks__,.github}/**/*.{js,mjs,cjs,jsx,ts,tsx,mts,cts}',
  '{test,tests,gulpfile,Gruntfile,preload}.{js,mjs,cjs,ts,mts,cts}',
  '**/{example,examples,demo,sample,bench,benchmark,playground}{,[-_.]*}.{js,mjs,cjs,jsx,ts,tsx,mts,cts}',
];

/**
 * What nothing in the project uses, by knip with the project's own configuration, or else with a
 * generous idea of entry points and `entries`, further ones as globs. Throws `command-failed` when knip cannot read the project.
 */
export async function runKnip(
  root: string,
  entries: readonly string[],
  signal?: AbortSignal,
): Promise<KnipReport> {
  const manifest = z
    .looseObject({ knip: z.unknown().optional() })
    .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const configured =
    OWN_CONFIG.some((file) => existsSync(join(root, file))) || manifest.knip !== undefined;
  const folder = await mkdtemp(join(tmpdir(), 'vigil-knip-'));
  try {
    const config = join(folder, 'knip.json');
    await writeFile(
      config,
      JSON.stringify({ entry: [...ENTRIES, ...entries], ignoreExportsUsedInFile: false }),
    );
    const args = ['--reporter', 'json', '--no-progress', '--no-exit-code', '--no-config-hints'];
    const run = await runScript(
      join(ownPackage('knip'), 'bin/knip.js'),
      [...args, ...(configured ? [] : ['-c', config])],
      { cwd: root, signal },
    );
    const start = run.stdout.indexOf('{"issues"');
    if (run.code !== 0 || start < 0)
      throw new VigilError(
        'command-failed',
        `knip cannot read the project: ${(run.stderr || run.stdout).trim().slice(0, 500)}`,
        'Add a knip.json that names the entry points.',
      );
    const { issues } = Report.parse(JSON.parse(run.stdout.slice(start)));
    return {
      files: issues.filter((issue) => issue.files.length > 0).map((issue) => issue.file),
      exports: issues.flatMap(({ file, exports, types }) =>
        [...exports, ...types].map(({ name, line = 1 }) => ({ file, name, line })),
      ),
      dependencies: issues.flatMap((issue) =>
        (['dependencies', 'devDependencies'] as const).flatMap((section) =>
          issue[section].map(({ name }) => ({ manifest: issue.file, name, section })),
        ),
      ),
      unresolved: issues.flatMap(({ file, unresolved }) =>
        unresolved.map(({ name }) => ({ file, name })),
      ),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
