#!/usr/bin/env -S MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=8192 MALLOC_TRIM_THRESHOLD_=131072 node --max-semi-space-size=1
// A node lives for weeks and allocates little at a time: a small young generation (MiB) saves a fifth of its memory.
// By itself glibc keeps what large buffers leave (up to 64 MiB) and has a pool for each thread; others ignore this.
// Starts Vigil under a Node that is new enough. Written for old versions on purpose: it must run there
// to say what is wrong.
import { closeSync, existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// For this process alone, not for what it starts.
for (const name of Object.keys(process.env))
  if (name.startsWith('MALLOC_')) delete process.env[name];

// What the app that starts a node has open and Electron lets every child have: its own helpers would wait for it.
for (const fd of (process.env.VIGIL_CLOSE_FDS ?? '').split(',').filter(Boolean)) {
  try {
    closeSync(Number(fd));
  } catch {
    // It was not passed on after all.
  }
}
delete process.env.VIGIL_CLOSE_FDS;

const NEEDED = [22, 13];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  const entry = new URL('../dist/vigil.js', import.meta.url);
  if (existsSync(entry)) {
    await import(entry.href);
  } else {
    process.stderr.write(
      'vigil: it is not built yet. Run `npm run build` in ' +
        fileURLToPath(new URL('..', import.meta.url)) +
        '\n',
    );
    process.exitCode = 1;
  }
} else {
  const newer = ['../node_modules/node/bin/node', '../../node/bin/node']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (newer) {
    const child = spawn(newer, ['--max-semi-space-size=1', ...process.argv.slice(1)], {
      stdio: 'inherit',
    });
    // A terminal sends Ctrl-C to both; a supervisor signals only this process, so pass it on and wait.
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    process.on('SIGINT', () => {});
    child.on('exit', (code, signal) => {
      process.exitCode = code === null ? (signal === 'SIGINT' ? 130 : 1) : code;
    });
  } else {
    process.stderr.write(
      'vigil: it needs Node ' +
        NEEDED.join('.') +
        ' or newer and this is ' +
        process.version +
        '.\nInstall one next to it with `npm install node@24`, or for the whole machine from https://nodejs.org\n',
    );
    process.exitCode = 1;
  }
}
