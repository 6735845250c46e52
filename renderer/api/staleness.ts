import type { EventType } from '../../shared/model/events.ts';

/** What the page reads, by the first part of the key under which it is kept. */
export type Topic =
  | 'status'
  | 'queue'
  | 'graph'
  | 'tasks'
  | 'reviews'
  | 'approvals'
  | 'projects'
  | 'nodes'
  | 'agents'
  | 'budget'
  | 'decisions'
  | 'report'
  | 'settings';

const WORK: readonly Topic[] = ['status', 'queue', 'graph', 'tasks', 'reviews', 'report'];

/** The first part of an event's type: what it is about. */
type Subject = EventType extends `${infer First}.${string}` ? First : never;

/** What an event makes old, by what it is about. */
const TOLD: Readonly<Record<Subject, readonly Topic[]>> = {
  agent: ['agents', 'tasks'],
  agents: ['status', 'agents', 'nodes'],
  approval: ['status', 'approvals', 'queue', 'tasks'],
  artifact: ['queue', 'graph'],
  attempt: [...WORK, 'nodes'],
  audit: ['agents'],
  baseline: ['status', 'projects', 'queue'],
  budget: ['status', 'budget', 'queue'],
  builds: ['status', 'queue'],
  call: ['budget', 'tasks', 'report'],
  capabilities: ['nodes'],
  context: [],
  cycle: ['status', 'projects'],
  decision: ['decisions', 'status'],
  engine: ['report'],
  integration: ['projects', 'status'],
  leader: ['nodes', 'status'],
  limit: ['status', 'queue'],
  link: ['nodes'],
  log: ['status'],
  member: ['nodes', 'status'],
  merge: [...WORK, 'projects'],
  mesh: ['nodes', 'status'],
  node: ['nodes', 'status'],
  notice: [],
  peer: ['nodes', 'status'],
  prediction: ['status', 'decisions', 'tasks'],
  project: ['projects', 'status', 'queue'],
  provider: ['agents', 'status'],
  register: [],
  review: WORK,
  spec: ['tasks'],
  stranger: ['nodes'],
  task: WORK,
};

/** What has to be read again after an event of this type; one of a newer node tells nothing. */
export function toldBy(type: string): readonly Topic[] {
  const subject = type.split('.')[0] ?? '';
  return subject in TOLD ? TOLD[subject as Subject] : [];
}
