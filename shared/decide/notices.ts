import { describeSubject } from '../explain/describeAgents.ts';
import { count } from '../explain/format.ts';
import { plainLine } from '../explain/plainLine.ts';
import type { Approval } from '../model/approval.ts';
import type { Notice, NoticeLevel } from '../model/notice.ts';
import type { TaskRegisters } from '../model/registers.ts';
import { currentAttempt, statusOf } from '../world/status.ts';
import type { World } from '../world/world.ts';
import { adaptations, inTime } from './adaptations.ts';
import type { Item, NoticeFacts } from './noticeFacts.ts';

/** What happens within so long of the first of its kind is told together, ms. */
export const GROUP_MS = 3 * 60_000;

const MOST_TITLE = 120;
const MOST_TEXT = 500;
/** Items of a group that are named; the others are counted. */
const NAMED = 4;

const ORDER: readonly NoticeLevel[] = ['critical', 'ask', 'news'];

/** Whether a human can put it away: what waits for an answer stays until it has one. */
export function canDismiss({ answers, level }: Pick<Notice, 'answers' | 'level'>): boolean {
  return answers === null || level === 'news';
}

/**
 * What a human should know of now, most urgent first: the same on every node that knows the same. Texts from
 * outside are made plain here, for whatever shows them. `weekly` is the report of a week while it is new.
 */
export function openNotices(
  world: World,
  facts: Pick<NoticeFacts, 'items' | 'trusts' | 'troubles' | 'dismissed'>,
  nowMs: number,
  weekly: Notice | null = null,
): Notice[] {
  const all = [
    ...(weekly ? [weekly] : []),
    ...troubles(world, facts, nowMs),
    ...world.supply.approvals.filter(({ answer }) => answer === null).map(ofApproval),
    ...[...world.tasks.values()].filter((task) => statusOf(task) === 'review').map(ofReview),
    ...groups(itemsOf(facts, nowMs), nowMs),
  ];
  return all
    .filter((notice) => !(facts.dismissed.has(notice.id) && canDismiss(notice)))
    .map((notice) => ({
      ...notice,
      title: plainLine(notice.title, MOST_TITLE),
      text: plainLine(notice.text, MOST_TEXT),
    }))
    .toSorted(
      (a, b) =>
        ORDER.indexOf(a.level) - ORDER.indexOf(b.level) ||
        a.sinceMs - b.sinceMs ||
        (a.id < b.id ? -1 : 1),
    );
}

/** When the next notice comes to be by time alone, ms since the epoch; null when none will. */
export function nextNoticeMs(
  facts: Pick<NoticeFacts, 'items' | 'trusts'>,
  nowMs: number,
): number | null {
  const due = batches(itemsOf(facts, nowMs))
    .map(([first]) => (first?.atMs ?? 0) + GROUP_MS)
    .filter((atMs) => atMs > nowMs);
  return due.length === 0 ? null : Math.min(...due);
}

function troubles(world: World, facts: Pick<NoticeFacts, 'troubles'>, nowMs: number): Notice[] {
  const { pause } = world;
  const autonomy = world.autonomy(nowMs);
  const of = (level: NoticeLevel, id: string, title: string, text: string, place: string) => ({
    ...{ id, level, title, text, place, answers: null, sinceMs: 0 },
  });
  return [
    ...[...facts.troubles.values()].map(({ id, title, text, place, sinceMs }) => ({
      ...of('critical', id, title, text, place),
      sinceMs,
    })),
    ...(pause?.by === 'engine'
      ? [
          of(
            'critical',
            `paused.${pause.untilMs ?? 0}`,
            'Builds are paused',
            `${pause.reason}. Look at what failed; \`vigil resume\` goes on.`,
            '/',
          ),
        ]
      : []),
    ...[...world.nodes.values()].flatMap(({ id, fitness }) => {
      const full = fitness?.troubles.find(({ kind }) => kind === 'disk');
      const text = `${id} ${full?.text ?? ''}: it takes no work until there is room.`;
      return full
        ? [of('critical', `disk.${id}`, `The disk of ${id} is full`, text, '/nodes')]
        : [];
    }),
    ...(autonomy.paused
      ? [
          of(
            'ask',
            'confidence',
            'Vigil has stopped and waits for you',
            'Its own predictions failed too often. Look at the decisions, then `vigil resume`.',
            '/decisions',
          ),
        ]
      : []),
    ...[...world.projects.values()].flatMap(({ definition: { id }, trouble }) =>
      trouble
        ? [
            of(
              'ask',
              `project.${id}`,
              `${id} can't be worked on`,
              `${trouble.reason} ${trouble.help}`,
              '/settings',
            ),
          ]
        : [],
    ),
  ];
}

function ofApproval({ id, task, subject, reason, askedAtMs }: Approval): Notice {
  return {
    id: `approval.${id}`,
    level: 'ask',
    title: `${id}: ${describeSubject(subject)}?`,
    text: `${task === null ? '' : `For ${task}: `}${reason}`,
    place: `/approvals?show=${id}`,
    answers: { approval: id },
    sinceMs: askedAtMs,
  };
}

function ofReview(task: TaskRegisters): Notice {
  const { id, title } = task.spec;
  const attempt = currentAttempt(task);
  const passed = attempt?.state.state === 'passed' ? attempt.state : null;
  return {
    // Of one result: another result of the task is another question.
    id: `review.${id}.${attempt?.number ?? 0}.${passed?.commit?.slice(0, 12) ?? 'none'}`,
    level: 'ask',
    title: `Review ${id}: ${title}`,
    text: passed?.needsReview ?? 'Its result waits for your review.',
    place: `/approvals?show=${id}`,
    answers: { task: id },
    sinceMs: attempt?.endedAtMs ?? task.spec.createdAtMs,
  };
}

function itemsOf(
  { items, trusts }: Pick<NoticeFacts, 'items' | 'trusts'>,
  nowMs: number,
): readonly Item[] {
  return [...items, ...adaptations(trusts, nowMs)];
}

function groups(items: readonly Item[], nowMs: number): Notice[] {
  return batches(items).flatMap((batch) => {
    const [first] = batch;
    // Others of its kind may still come.
    if (!first || first.atMs + GROUP_MS > nowMs) return [];
    const { kind, level, node, seq } = first;
    return {
      id: `${kind}.${node}.${seq}`,
      level,
      title: titleOf(kind, batch.length),
      text: [
        ...batch.slice(0, NAMED).map(({ text }) => plainLine(text, MOST_TEXT / NAMED)),
        ...(batch.length > NAMED ? [`and ${batch.length - NAMED} more`] : []),
      ].join(' · '),
      place: batch.length === 1 ? first.place : groupPlace(kind),
      answers: null,
      sinceMs: first.atMs,
    };
  });
}

/** Items of one kind that came close together, the first of them first. */
function batches(items: readonly Item[]): Item[][] {
  const made: Item[][] = [];
  const last = new Map<Item['kind'], Item[]>();
  for (const item of items.toSorted(inTime)) {
    const batch = last.get(item.kind);
    const [first] = batch ?? [];
    if (batch && first && item.atMs < first.atMs + GROUP_MS) batch.push(item);
    else {
      const fresh = [item];
      made.push(fresh);
      last.set(item.kind, fresh);
    }
  }
  return made;
}

function titleOf(kind: Item['kind'], many: number): string {
  switch (kind) {
    case 'merged':
      return `${count(many, 'task')} merged that you asked to hear of`;
    case 'failed':
      return `${count(many, 'task')} ${many === 1 ? 'was' : 'were'} given up and wait${many === 1 ? 's' : ''} for you`;
    case 'spending':
      return 'Spending has reached a mark of yours';
    case 'audit':
      return 'An audit found something wrong';
    case 'adapted':
      return 'Vigil has become careful by itself';
    case 'changed':
      return 'Vigil does something otherwise by itself';
  }
}

function groupPlace(kind: Item['kind']): string {
  if (kind === 'adapted') return '/decisions';
  if (kind === 'changed') return '/insights';
  return kind === 'spending' ? '/costs' : '/';
}
