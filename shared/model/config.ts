import { z } from 'zod';
import { OversightRule } from './oversight.ts';
import { AgentConfig, AgentId } from './agent.ts';
import { NoticeConfig } from './notice.ts';
import { Preference } from './project.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * The rails. Each has a default that holds when nobody set it, is enforced on the dispatch path,
 * and when reached parks the work and tells the human (`limit.reached`).
 */
export const Limits = z.strictObject({
  /** Attempts a task may have before it fails for good (C1). */
  attemptsPerTask: z.number().int().min(1).max(100).default(5),
  /** Times a task may be interrupted by its node's end: one that brings the node down must not do so for ever. */
  interruptionsPerTask: z.number().int().min(1).max(10_000).default(25),
  /** Agent tasks started in any 60 minutes (C1). */
  agentTasksPerHour: z.number().int().min(0).max(10_000).default(20),
  /** Mechanic and command tasks started in any 60 minutes: they cost no money, but a loop must end. */
  cheapTasksPerHour: z.number().int().min(0).max(10_000_000).default(300),
  /** Times a day that work is looked for (C5). */
  cyclesPerDay: z.number().int().min(0).max(10_000).default(48),
  /** Generated batches of work open at once, per project, for each node that is up (C5). */
  openInitiatives: z.number().int().min(0).max(1000).default(3),
  /** Tasks that one cycle may create (G3). */
  tasksPerCycle: z.number().int().min(1).max(1000).default(10),
  /** A gap whose task a human rejected, or that failed for good, is not proposed again for so long. */
  cooldownMs: z
    .number()
    .int()
    .min(0)
    .default(30 * day),
  /** Share of the last ten attempts that may fail before builds pause (D1). */
  pauseAtFailureRate: z.number().min(0).max(1).default(0.8),
  /** How long builds stay paused after that. */
  pauseMs: z
    .number()
    .int()
    .min(0)
    .default(15 * minute),
  /** A command that passed its timeout may go on only while it shows progress at least this often. */
  stallMs: z.number().int().min(100).default(30_000),
  /** No attempt runs longer than this, progress or not. */
  maxAttemptMs: z
    .number()
    .int()
    .min(1000)
    .default(4 * hour),
  /** Agents' results of a project that a human reviews before any gate may open (G5). */
  calibrationResults: z.number().int().min(20).max(30).default(25),
  /** How often the work in progress of an agent is put where another attempt can go on from it (X8). */
  checkpointMs: z
    .number()
    .int()
    .min(1_000)
    .default(2 * minute),
  /** Bytes kept of an attempt's output. */
  logBytes: z
    .number()
    .int()
    .min(1024)
    .default(2 * 1024 * 1024),
  /** With less space free on the disk of its home a node takes nothing: room for a clone and its packages. */
  leastFreeDiskBytes: z
    .number()
    .int()
    .min(0)
    .default(2 * 1024 ** 3),
  /** The same as a share of the disk; the greater of the two holds. */
  leastFreeDiskShare: z.number().min(0).max(0.5).default(0.02),
});
export type Limits = z.infer<typeof Limits>;

export const Concurrency = z.strictObject({
  /** Agent tasks at once. */
  agent: z.number().int().min(0).max(64).default(1),
  /** Mechanic and command tasks at once, beside them. */
  cheap: z.number().int().min(0).max(64).default(1),
});
export type Concurrency = z.infer<typeof Concurrency>;

/** Port of the local API when nobody chose one. */
export const DEFAULT_PORT = 4774;

/** Port of the links between nodes when nobody chose one. */
export const DEFAULT_MESH_PORT = 4775;

/** How this node meets others. It matters only once it has invited or joined. */
export const MeshConfig = z.strictObject({
  /** Port for other nodes; 0 takes any free one. Not set: 4775, or any other when that is taken. */
  port: z.number().int().min(0).max(65_535).optional(),
  /** Address to listen on. Not set: all of this machine's. */
  listen: z.string().min(1).optional(),
  /** Where others can reach this node beside its own addresses, e.g. `home.example.org:4775`. */
  addresses: z.array(z.string().min(1)).max(16).default([]),
  /** Whether nodes on the same network find each other by multicast DNS. */
  mdns: z.boolean().default(true),
  /** Whether Tailscale, where it is installed, is asked for the addresses of members. */
  tailscale: z.boolean().default(true),
});
export type MeshConfig = z.infer<typeof MeshConfig>;

/** `config.yaml` in the node's home. */
export const NodeConfig = z.strictObject({
  /** Port of the local API; 0 takes any free one. Not set: 4774, or any other when that is taken. */
  port: z.number().int().min(0).max(65_535).optional(),
  /** Names under which a proxy of the user's own leads to the API, whole names only. */
  hosts: z
    .array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'a whole host name, without a port'))
    .max(20)
    .default([]),
  concurrency: Concurrency.default(() => Concurrency.parse({})),
  limits: Limits.default(() => Limits.parse({})),
  /**
   * What runs in the sandbox beside the agents: `always`, all code of projects; `agents`, that of
   * projects in which agents have worked.
   */
  sandbox: z.enum(['always', 'agents']).default('always'),
  /** Agents beside those that are known, or other settings for these, by name. */
  agents: z.record(AgentId, AgentConfig).default({}),
  /** When the node keeps its machine awake while a task runs: only while it is plugged in, or always, or never. */
  keepAwake: z.enum(['ac', 'always', 'never']).default('ac'),
  /** Whether agent tasks and long ones also start on battery. */
  heavyOnBattery: z.boolean().default(false),
  mesh: MeshConfig.default(() => MeshConfig.parse({})),
  /** How a human is told of what needs one. */
  notices: NoticeConfig.default(() => NoticeConfig.parse({})),
  /** Free-text labels that tasks may require. */
  capabilities: z
    .array(
      z
        .string()
        .min(1)
        .refine(
          (label) => label !== 'agent',
          'a coding agent is connected, not declared as a label',
        ),
    )
    .default([]),
});
export type NodeConfig = z.infer<typeof NodeConfig>;

/** `vigil.yaml` in a repository: overrides what was detected. */
export const ProjectConfig = z.strictObject({
  target: z.string().min(1).optional(),
  install: z.string().nullable().optional(),
  test: z.string().nullable().optional(),
  lint: z.string().nullable().optional(),
  formatter: z.enum(['prettier']).nullable().optional(),
  ignore: z.array(z.string()).optional(),
  review: z.boolean().optional(),
  testTimeoutMinutes: z.number().positive().max(240).optional(),
  /** Hosts that agents and commands may reach beside the package registries, e.g. `api.example.com`. */
  network: z
    .array(z.string().regex(/^(\*\.)?[a-z0-9.-]+$/, 'a host name, or *.example.com'))
    .optional(),
  /** What of the project a human has a say in; it can only add to what Vigil reserves. */
  oversight: z.array(OversightRule).max(100).optional(),
  /** Which agents and models are preferred, best first. */
  prefer: z.array(Preference).optional(),
});
export type ProjectConfig = z.infer<typeof ProjectConfig>;
