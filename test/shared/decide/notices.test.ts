import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NoticeFacts } from '../../../shared/decide/noticeFacts.ts';
import { GROUP_MS, nextNoticeMs, openNotices } from '../../../shared/decide/notices.ts';
import { plainLine } from '../../../shared/explain/plainLine.ts';
import type { EventBody, LoggedEvent } from '../../../shared/model/events.ts';
import { NodeId, ProjectId, taskId } from '../../../shared/model/ids.ts';
import { Notice } from '../../../shared/model/notice.ts';
import { World } from '../../../shared/world/world.ts';

const NOW = 1_700_000_000_000;
const NODE = NodeId.parse('studio');
const PROJECT = ProjectId.parse('app');

function log(bodies: readonly { body: EventBody; atMs?: number; node?: NodeId }[]): LoggedEvent[] {
  return bodies.map(({ body, atMs = NOW, node = NODE }, index) => ({
    ...{ node, seq: index + 1, clock: index + 1, pos: index + 1, atMs, prev: '', hash: '', body },
  }));
}

function factsOf(events: readonly LoggedEvent[]): NoticeFacts {
  const facts = new NoticeFacts();
  for (const event of events) facts.observe(event);
  return facts;
}

const failed = (number: number): EventBody => ({
  type: 'task.failed',
  task: taskId(number),
  project: PROJECT,
  failure: { class: 'too-complex', reason: 'it is too large', interrupted: false },
  attempts: 5,
  recommendation: 'Split it by hand.',
});
const capReached: EventBody = {
  type: 'limit.reached',
  limit: 'day.hard',
  subject: 'budget',
  value: 20,
  max: 20,
  untilMs: null,
};
const asked: EventBody = {
  type: 'approval.asked',
  approval: 'A-3' as never,
  task: null,
  project: null,
  subject: { kind: 'permission', node: NODE, title: 'run npm publish', act: 'run npm publish' },
  reason: 'it publishes a package',
};

test('several events of a kind within some minutes are one notice, told when no more may come', () => {
  const facts = factsOf(
    log([
      { body: failed(1) },
      { body: failed(2), atMs: NOW + 1_000 },
      { body: failed(3), atMs: NOW + 2_000 },
    ]),
  );
  expect(openNotices(new World(), facts, NOW + 2_000)).toEqual([]);
  expect(nextNoticeMs(facts, NOW + 2_000)).toBe(NOW + GROUP_MS);
  const [notice, ...more] = openNotices(new World(), facts, NOW + GROUP_MS);
  expect(more).toEqual([]);
  expect(notice).toMatchObject({
    level: 'ask',
    title: '3 tasks were given up and wait for you',
    place: '/',
  });
  expect(notice?.text).toContain('T-1 was given up: it is too large. Split it by hand.');
});

test('all that happened is in exactly one notice, and the order of arrival changes none of them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 * 60_000 }), { maxLength: 30 }),
      (offsets) => {
        const events = log(
          offsets.map((offset, index) => ({ body: failed(index + 1), atMs: NOW + offset })),
        );
        const atMs = NOW + 60 * 60_000;
        const notices = openNotices(new World(), factsOf(events), atMs);
        const told = notices
          .map(({ title }) => Number(title.split(' ')[0]))
          .reduce((a, b) => a + b, 0);
        expect(told).toBe(offsets.length);
        expect(openNotices(new World(), factsOf(events.toReversed()), atMs)).toEqual(notices);
        for (const notice of notices) Notice.parse(notice);
      },
    ),
  );
});

test('that the engine has become careful by itself is news, once', () => {
  const checked = (confidence: number): EventBody => ({
    type: 'prediction.checked',
    task: taskId(1),
    project: PROJECT,
    attempt: 1,
    expected: { pSuccess: 0.9, durationMs: 1_000 },
    actual: { success: false, durationMs: 1_000 },
    held: false,
    finding: '',
    confidence,
  });
  const events = log([{ body: checked(0.62) }, { body: checked(0.57) }, { body: checked(0.53) }]);
  const facts = factsOf([...events, ...events]);
  expect(facts.trusts.length).toBe(3);
  expect(nextNoticeMs(facts, NOW)).toBe(NOW + GROUP_MS);
  expect(openNotices(new World(), facts, NOW + GROUP_MS)).toMatchObject([
    {
      id: 'adapted.studio.2',
      level: 'news',
      title: 'Vigil has become careful by itself',
      place: '/decisions',
    },
  ]);
});

test('what Vigil does otherwise by itself is told in its own words, and leads to what it was learned from', () => {
  const change = { kind: 'gate', work: 'agent fix', open: true, reason: '25 of 25 good' } as const;
  const body = { type: 'engine.adapted', project: PROJECT, cause: taskId(1), change } as const;
  expect(openNotices(new World(), factsOf(log([{ body }])), NOW + GROUP_MS)).toMatchObject([
    {
      level: 'news',
      text: 'results of agent fix merge into app without a review from now on: 25 of 25 good',
      place: '/insights',
    },
  ]);
});

test('a task that is retried is no longer one that waits for you', () => {
  const events = log([
    { body: failed(1) },
    { body: { type: 'task.cancelled', task: taskId(1), project: PROJECT, who: 'a', reason: '' } },
  ]);
  expect(openNotices(new World(), factsOf(events), NOW + GROUP_MS)).toEqual([]);
});

test('a cap that holds work is critical until it is free again; read by a human, it comes back when reached anew', () => {
  const world = new World();
  const [first, read, cleared, again] = log([
    { body: capReached },
    { body: { type: 'notice.dismissed', notice: 'cap.day.hard.studio', who: 'a' } },
    { body: { type: 'limit.cleared', limit: 'day.hard', subject: 'budget' } },
    { body: capReached },
  ]);
  const facts = new NoticeFacts();
  const open = (event: LoggedEvent | undefined) => {
    facts.observe(event ?? expect.fail());
    return openNotices(world, facts, NOW).map(({ id, level }) => [id, level]);
  };
  expect(open(first)).toEqual([['cap.day.hard.studio', 'critical']]);
  expect(open(read)).toEqual([]);
  expect(open(cleared)).toEqual([]);
  expect(open(again)).toEqual([['cap.day.hard.studio', 'critical']]);
});

test('a question is open until it is answered: nobody can put it away', () => {
  const world = new World();
  const [question, dismissed, answer] = log([
    { body: asked },
    { body: { type: 'notice.dismissed', notice: 'approval.A-3', who: 'a' } },
    {
      body: {
        type: 'approval.answered',
        approval: 'A-3' as never,
        task: null,
        project: null,
        answer: 'denied',
        who: 'a',
        reason: '',
      },
    },
  ]);
  world.apply(question ?? expect.fail());
  const facts = factsOf([dismissed ?? expect.fail()]);
  expect(openNotices(world, facts, NOW)).toMatchObject([
    {
      id: 'approval.A-3',
      level: 'ask',
      answers: { approval: 'A-3' },
      place: '/approvals?show=A-3',
    },
  ]);
  world.apply(answer ?? expect.fail());
  expect(openNotices(world, facts, NOW)).toEqual([]);
});

test('text from outside is one line without what can’t be seen or turns the rest around', () => {
  expect(plainLine('a\u0000b\u001b[31m\nc\u202Ed\u200B', 100)).toBe('ab[31m cd');
  expect(plainLine('x'.repeat(1_000_000), 10)).toBe(`${'x'.repeat(9)}…`);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 50 }), (text, most) => {
      const line = plainLine(text, most);
      expect([...line].length).toBeLessThanOrEqual(most);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    }),
  );
});
