// Bundles what a user runs into dist/: the command line with the node inside it, the scheduler
// library, the shell and the page. Dependencies stay outside the node's bundle, as installed; the
// shell holds all of its own.
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { build as buildPage } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
mkdirSync(dist, { recursive: true });

const common = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  sourcemap: true,
  logLevel: 'warning',
} as const;

/** Made by others than esbuild. */
const KEPT = { icons: 'dist/shell/icons/', page: 'dist/page/', types: 'dist/types/' };

/** Native helpers that the socket library takes when they are there. */
const OPTIONAL_OF_WS = ['bufferutil', 'utf-8-validate'];

const builds = await Promise.all([
  build({
    ...common,
    entryPoints: {
      vigil: 'electron/cli/main.ts',
      scheduler: 'shared/scheduler.ts',
      // Child processes of their own: what they load goes with them.
      scan: 'electron/generate/scanProcess.ts',
      eslint: 'electron/tools/eslintProcess.ts',
      security: 'electron/tools/securityProcess.ts',
      editExports: 'electron/tools/editExportsProcess.ts',
    },
    outdir: 'dist',
    platform: 'node',
    format: 'esm',
    target: 'node22',
    packages: 'external',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  }),
  build({
    ...common,
    entryPoints: { main: 'electron/main/main.ts', preload: 'electron/preload/preload.ts' },
    outdir: 'dist/shell',
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    // The Node of the oldest Electron that it is tested on.
    target: 'node18',
    external: ['electron', ...OPTIONAL_OF_WS],
    define: { 'import.meta.dirname': '__dirname' },
  }),
]);
cpSync(join(root, 'build/icons/tray'), join(root, KEPT.icons), {
  recursive: true,
  filter: (path) => !path.endsWith('.svg'),
});
await buildPage({ configFile: join(root, 'build/vite.config.ts') });

// What an earlier build left goes last: a node that runs from here still loads its parts by name.
const made = new Set(builds.flatMap(({ metafile }) => Object.keys(metafile.outputs)));
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = relative(root, join(entry.parentPath, entry.name));
  const kept = made.has(file) || Object.values(KEPT).some((folder) => file.startsWith(folder));
  if (entry.isFile() && !kept) rmSync(join(root, file));
}

if (process.argv.includes('--types')) {
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      ...['-p', join(root, 'build/tsconfig.types.json')],
    ],
    { stdio: 'inherit' },
  );
}
