import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Every bench, the quick ones first. */
const BENCHES = [
  'decide',
  'store',
  'senses',
  'gateway',
  'retrieval',
  'replicate',
  'idle',
  'page',
  'shell',
  'spawn',
  'agentAttempt',
  'throughput',
  'registers',
  'mesh',
  'history',
  'join',
  'logs',
  'log',
  'schedule',
] as const;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !BENCHES.some((bench) => bench === name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. Known: ${BENCHES.join(', ')}.`);
  process.exit(2);
}

console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}, ${git()}`,
);
const failed: string[] = [];
for (const name of wanted.length > 0 ? wanted : BENCHES) {
  console.log(`\n── ${name} ── ${new Date().toISOString()}, ${load()}`);
  // In a process of its own, so that none measures what another left in memory.
  const { status } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    { stdio: 'inherit' },
  );
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\nEnded with an error: ${failed.join(', ')}.`);
  process.exitCode = 1;
}

/** How busy the machine is: a figure taken at a load above its cores says little. */
function load(): string {
  try {
    return `load ${readFileSync('/proc/loadavg', 'utf8').split(' ', 3).join(' ')}`;
  } catch {
    return 'load unknown';
  }
}

function git(): string {
  try {
    return execFileSync('git', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return 'no git';
  }
}
