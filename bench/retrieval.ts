import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RepositoryIndex } from '../electron/generate/retrieval/repositoryIndex.ts';
import { CommitId } from '../shared/model/ids.ts';

/** Questions about this repository, in the words of somebody who does not know it, and the files that answer them. */
const QUESTIONS: readonly (readonly [question: string, answers: readonly string[]])[] = [
  [
    'where are keys and passwords removed from a log before it is kept',
    ['shared/policy/redact.ts'],
  ],
  [
    'how is a process with all its children killed when it takes too long',
    ['electron/execute/command/processGroup.ts', 'electron/execute/command/runCommand.ts'],
  ],
  ['which changed files are outside of what a task may touch', ['shared/policy/scope.ts']],
  [
    'where is the package manager of a project detected',
    ['electron/execute/profile/packageManager.ts'],
  ],
  [
    'two tasks that touch the same files must not run at the same time',
    ['shared/graph/scope.ts', 'shared/decide/claims.ts'],
  ],
  ['find a circular dependency between tasks', ['shared/graph/cycle.ts']],
  ['hash chain of the event log and how tampering is noticed', ['electron/store/chain.ts']],
  [
    'only one node may open a home folder at once',
    ['electron/store/lock.ts', 'electron/store/owner.ts'],
  ],
  ['schema upgrade of the database', ['electron/store/migrations.ts']],
  ['confidence interval of a success rate', ['shared/learn/wilson.ts']],
  [
    'merge the result of an attempt into the integrated branch',
    ['electron/execute/repository/integrate.ts', 'electron/node/integrator.ts'],
  ],
  [
    'bring the integrated tree to the branch of the user',
    ['electron/execute/repository/promote.ts'],
  ],
  ['read the names of failing tests from TAP output', ['electron/execute/verify/tapOutput.ts']],
  ['coverage of lines of the changed code', ['electron/execute/verify/coverage.ts']],
  ['is a spec too vague or too large to be given to an agent', ['shared/policy/spec.ts']],
  [
    'what happened when the node crashed in the middle of an attempt',
    ['electron/node/recovery.ts'],
  ],
  ['a web page from another origin must not call the local api', ['electron/node/api/guard.ts']],
  ['comments that say TODO become tasks', ['electron/generate/detectors/comments.ts']],
  [
    'remove a dependency from package.json that nothing imports',
    [
      'electron/execute/mechanic/unusedDependency.ts',
      'electron/tools/manifestEdits.ts',
      'electron/generate/detectors/unusedDependencies.ts',
    ],
  ],
  ['exponential moving duration estimate of tasks by type', ['shared/learn/durations.ts']],
  [
    'why does a task wait and until when',
    ['shared/explain/waits.ts', 'shared/decide/waiting.ts', 'shared/graph/waits.ts'],
  ],
  [
    'longest chain of tasks, critical path',
    ['shared/graph/paths.ts', 'shared/graph/taskGraph.ts', 'shared/graph/priority.ts'],
  ],
  ['spending caps per hour, day and month', ['shared/model/budget.ts', 'shared/policy/budget.ts']],
  [
    'mistakes in a yaml file are shown with line and column and a suggestion for a wrong key',
    ['shared/model/parseYaml.ts'],
  ],
  [
    'install dependencies once and share them between worktrees',
    [
      'electron/execute/dependencies/dependencyStore.ts',
      'electron/execute/dependencies/installDependencies.ts',
    ],
  ],
  [
    'commands that only a human may allow, such as force push or publish',
    ['shared/policy/reserved.ts'],
  ],
  ['how an error in the command line is printed to the user', ['electron/cli/fail.ts']],
  [
    'limit the size of the output of a command that is kept',
    ['electron/execute/command/boundedLog.ts'],
  ],
  [
    'sample project for trying it out',
    ['electron/node/sample/createSample.ts', 'electron/node/sample/sampleFiles.ts'],
  ],
  ['what is tried next after an attempt has failed', ['shared/heal/nextStep.ts']],
];
/** Holds every question word for word. */
const ITSELF = 'bench/retrieval.ts';
const K = 5;
const ROUNDS = 5;

const repository = fileURLToPath(new URL('..', import.meta.url));
const head = (...args: string[]): string =>
  execFileSync('git', ['rev-parse', ...args], { cwd: repository, encoding: 'utf8' }).trim();
const folder = mkdtempSync(join(tmpdir(), 'vigil-retrieval-'));
const file = join(folder, 'index.db');
const index = new RepositoryIndex(file);
try {
  const startedMs = performance.now();
  const { read } = await index.update(repository, CommitId.parse(head('HEAD')));
  const indexMs = performance.now() - startedMs;

  const times: number[] = [];
  let hits = 0;
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [text, answers] of QUESTIONS) {
      const askedMs = performance.now();
      const found = index.retrieve({ text, references: [ITSELF], k: K, maxBytes: 100_000 });
      times.push(performance.now() - askedMs);
      if (round > 0) continue;
      const rank = found.findIndex(({ path }) => answers.includes(path));
      if (rank >= 0) hits += 1;
      else console.log(`missed: ${text}\n        ${found.map(({ path }) => path).join(', ')}`);
    }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  console.log(
    `index      ${read} files in ${indexMs.toFixed(0)} ms, ${(statSync(file).size / 1e6).toFixed(1)} MB`,
  );
  console.log(`query      p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  console.log(`hit@${K}      ${hits} of ${QUESTIONS.length}`);
} finally {
  index.close();
  rmSync(folder, { recursive: true });
}
