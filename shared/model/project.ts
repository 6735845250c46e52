import { z } from 'zod';
import { CommitId, ProjectId } from './ids.ts';
import { OversightRule } from './oversight.ts';

export const PackageManager = z.enum(['npm', 'pnpm', 'yarn', 'bun', 'none']);
export type PackageManager = z.infer<typeof PackageManager>;

/** How a project is built and checked: detected, then overridden by its `vigil.yaml`. */
/** An agent, provider or model that a project prefers; what is left out may be anything. */
export const Preference = z.strictObject({
  agent: z.string().min(1).optional(),
  provider: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
});
export type Preference = z.infer<typeof Preference>;

export const ProjectProfile = z.strictObject({
  packageManager: PackageManager,
  /** The shell command that installs dependencies, or null when there are none. */
  install: z.string().nullable(),
  test: z.string().nullable(),
  lint: z.string().nullable(),
  /** `prettier` when the project depends on it or has its configuration. */
  formatter: z.enum(['prettier']).nullable(),
  language: z.enum(['typescript', 'javascript', 'other']),
  /** Globs the scan leaves alone. */
  ignore: z.array(z.string()),
  /** Every result waits for a human. */
  review: z.boolean(),
  /** How long the project's tests may take. */
  testTimeoutMs: z.number().int().positive(),
  /** Hosts that agents and commands may reach beside the package registries. */
  network: z.array(z.string()).optional(),
  /** What of it a human has a say in, beside what Vigil reserves everywhere. */
  oversight: z.array(OversightRule).optional(),
  /** Which agents and models the project prefers, best first. */
  prefer: z.array(Preference).optional(),
  /** What was noticed on the way: submodules, huge files, a dirty tree. */
  notes: z.array(z.string()),
  /** Where each value came from: `detected: …` or `vigil.yaml`. */
  sources: z.record(z.string(), z.string()),
});
export type ProjectProfile = z.infer<typeof ProjectProfile>;

export const Project = z.strictObject({
  id: ProjectId,
  /** Absolute path of the user's repository on this node; null where another node has it. */
  path: z.string().nullable(),
  /** The branch that `promote` moves, e.g. `main`. */
  target: z.string(),
  profile: ProjectProfile,
  /** Where other nodes can fetch what the user publishes, without credentials; none: all comes over the mesh. */
  remote: z.string().nullable().optional(),
});
export type Project = z.infer<typeof Project>;

/** What one run of the project's tests said. */
export const TestReport = z.strictObject({
  /** `absent`: no test command. `unreadable`: it failed and no test names could be read from it. */
  outcome: z.enum(['passed', 'failed', 'timeout', 'unreadable', 'absent']),
  exitCode: z.number().int().nullable(),
  /** Names of failing tests, as the runner prints them. */
  failing: z.array(z.string()),
  /** How many tests ran; null when the runner does not say. */
  total: z.number().int().nonnegative().nullable(),
  /** Line coverage 0–1 where the project measures it. */
  coverage: z.number().min(0).max(1).nullable(),
  /** Hash of the output without times and paths: equal failures of an unreadable runner compare by it. */
  signature: z.string(),
  durationMs: z.number().nonnegative(),
  log: z.string().nullable(),
});
export type TestReport = z.infer<typeof TestReport>;

/** What is said of a project that has no test command. */
export const NO_TESTS: TestReport = {
  outcome: 'absent',
  exitCode: null,
  failing: [],
  total: null,
  coverage: null,
  signature: '',
  durationMs: 0,
  log: null,
};

/** The state of the project before anything was changed; only new failures count against a task. */
export const Baseline = z.strictObject({
  commit: CommitId,
  tests: TestReport,
  /** Whether the tests ran in the sandbox; absent: they did not. */
  held: z.boolean().optional(),
});
export type Baseline = z.infer<typeof Baseline>;
