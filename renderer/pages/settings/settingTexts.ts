import { bytes, duration } from '../../../shared/explain/format.ts';

/** Under which headings settings are shown. */
export const GROUPS: readonly { title: string; has: (path: string) => boolean }[] = [
  {
    title: 'Oversight',
    has: (path) => OVERSIGHT.includes(path),
  },
  {
    title: 'Limits',
    has: (path) => path.startsWith('limits.') && !OVERSIGHT.includes(path),
  },
  {
    title: 'This machine',
    has: (path) =>
      !path.startsWith('limits.') && !path.startsWith('mesh.') && !OVERSIGHT.includes(path),
  },
  { title: 'Other nodes', has: (path) => path.startsWith('mesh.') },
];

/** What keeps a human in control. */
const OVERSIGHT: readonly string[] = [
  'limits.calibrationResults',
  'limits.pauseAtFailureRate',
  'limits.pauseMs',
  'limits.cooldownMs',
  'sandbox',
];

export const TEXTS: Readonly<Record<string, string>> = {
  'limits.calibrationResults':
    'results of agents in a project that you review before any kind of work may merge by itself',
  'limits.pauseAtFailureRate': 'share of the last ten attempts that may fail before builds pause',
  'limits.pauseMs': 'how long builds stay paused after that',
  'limits.cooldownMs':
    'how long a gap that you rejected, or that failed for good, is not proposed again',
  sandbox:
    'what runs in the sandbox beside the agents: always, or only in projects in which agents have worked',
  'limits.attemptsPerTask': 'attempts a task may have before it fails for good',
  'limits.interruptionsPerTask': 'times a task may be interrupted by its node’s end',
  'limits.agentTasksPerHour': 'tasks of agents started in any hour',
  'limits.cheapTasksPerHour': 'other tasks started in any hour',
  'limits.cyclesPerDay': 'times a day that work is looked for',
  'limits.openInitiatives': 'batches of found work open at once, per project and node',
  'limits.tasksPerCycle': 'tasks that one look for work may create',
  'limits.stallMs': 'a command past its timeout goes on only while it shows progress this often',
  'limits.maxAttemptMs': 'no attempt runs longer',
  'limits.checkpointMs': 'how often an agent’s work in progress is made safe',
  'limits.logBytes': 'kept of an attempt’s output',
  'limits.leastFreeDiskBytes': 'with less of the disk free the node takes nothing',
  'limits.leastFreeDiskShare': 'the same as a share of the disk; the greater holds',
  port: 'port of this page and of the API',
  'concurrency.agent': 'tasks of agents at once',
  'concurrency.cheap': 'other tasks at once',
  keepAwake: 'when the machine is kept awake while a task runs',
  heavyOnBattery: 'whether agents and long tasks also start on battery',
  capabilities: 'labels that tasks may ask for',
  'mesh.port': 'port for other nodes',
  'mesh.listen': 'address to listen on',
  'mesh.addresses': 'where others can reach this node beside its own addresses',
  'mesh.mdns': 'whether nodes on the same network find each other',
  'mesh.tailscale': 'whether Tailscale is asked for the addresses of members',
};

/** A value as people read it. */
export function shown(path: string, value: string): string {
  const number = Number(value);
  if (value === '' || Number.isNaN(number)) return value;
  if (path.endsWith('Ms')) return duration(number);
  if (path.endsWith('Bytes')) return bytes(number);
  return value;
}
