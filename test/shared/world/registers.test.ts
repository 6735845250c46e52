import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../../shared/model/events.ts';
import { CommitId, NodeId, taskId } from '../../../shared/model/ids.ts';
import type { Register } from '../../../shared/model/register.ts';
import type { TaskRegisters } from '../../../shared/model/registers.ts';
import { readTask } from '../../../shared/world/readRegisters.ts';
import { statusOf } from '../../../shared/world/status.ts';
import { foldTask, newTask, nextAttemptNumber } from '../../../shared/world/tasks.ts';
import { writesOf } from '../../../shared/world/writeRegisters.ts';
import { app, specOf } from '../explain/log.ts';

const home = NodeId.parse('n-home');
const box = NodeId.parse('n-box');
const mac = NodeId.parse('n-mac');
const id = taskId(1);
const commit = CommitId.parse('c'.repeat(40));
const ids = { task: id, project: app };
const failure = { class: 'external', reason: 'no network', interrupted: false } as const;
const expected = { pSuccess: 0.5, durationMs: 1 };
const priority = {
  pathMinutes: 1,
  dependents: 0,
  criticalPath: 0,
  brevity: 0,
  waiting: 0,
  weight: 0,
  total: 1,
};

/** What nodes do with one task, each in its own role. */
const STEPS = [
  'assign',
  'start',
  'produce',
  'pass',
  'fail',
  'unmergeable',
  'abandon',
  'link',
  'amend',
  'cancel',
  'giveUp',
  'judge',
  'merge',
] as const;
type Step = (typeof STEPS)[number];

interface Act {
  readonly node: NodeId;
  readonly body: EventBody;
}

/** The event of a step and who writes it; null where nobody would. */
function act(task: TaskRegisters, step: Step, term: number): Act | null {
  const { assignment } = task;
  const attempt = assignment?.attempt ?? 1;
  const worker = assignment?.node ?? box;
  const state = task.attempts.find((each) => each.number === attempt && each.node === worker)?.state
    .state;
  const of = { ...ids, attempt };
  switch (step) {
    case 'assign':
      return assign(task, term);
    case 'start':
      if (!assignment || state) return null;
      return {
        node: worker,
        body: {
          type: 'attempt.started',
          ...of,
          ...{ node: worker, executor: 'command', base: commit, prepareMs: 1, log: null },
        },
      };
    case 'produce': {
      const diff = { files: [], added: 0, removed: 0 };
      const body: EventBody = { type: 'attempt.produced', ...of, commit, diff, durationMs: 1 };
      return state === 'running' ? { node: worker, body } : null;
    }
    case 'pass': {
      const done = { commit, needsReview: 'risky', quality: 0.9, durationMs: 1 };
      const body: EventBody = { type: 'attempt.passed', ...of, ...done };
      return state === 'verifying' ? { node: worker, body } : null;
    }
    case 'fail':
    case 'unmergeable': {
      const body: EventBody = {
        type: 'attempt.failed',
        ...of,
        failure,
        report: step,
        durationMs: 1,
      };
      if (step === 'unmergeable') return state === 'passed' ? { node: home, body } : null;
      return assignment && state !== 'passed' && state !== 'failed' ? { node: worker, body } : null;
    }
    case 'abandon':
      if (!assignment) return null;
      return {
        node: assignment.by,
        body: {
          type: 'attempt.abandoned',
          ...of,
          ...{ node: worker, term: assignment.term, reason: 'gone' },
        },
      };
    case 'link': {
      const after = taskId(task.addedDependencies.length + 2);
      const dependency = { type: 'ordering' as const, task: after };
      return { node: home, body: { type: 'task.linked', ...ids, dependency } };
    }
    case 'amend': {
      const spec = { ...task.spec, instructions: `${task.spec.instructions}.` };
      return { node: mac, body: { type: 'task.amended', ...ids, spec, by: 'human', reason: '' } };
    }
    case 'cancel':
      return { node: mac, body: { type: 'task.cancelled', ...ids, who: 'me', reason: '' } };
    case 'giveUp':
      return { node: worker, body: { type: 'task.failed', ...ids, failure, attempts: 1 } };
    case 'judge': {
      if (task.verdict?.attempt === attempt || state !== 'passed') return null;
      const word = { answer: 'approved' as const, who: 'me', reason: '' };
      return { node: mac, body: { type: 'review.answered', ...of, ...word } };
    }
    case 'merge': {
      if (task.merge) return null;
      const how = { commit, parent: commit, rebased: false, recovered: false };
      return { node: home, body: { type: 'merge.done', ...of, ...how } };
    }
  }
}

function assign(task: TaskRegisters, term: number): Act {
  const attempt = nextAttemptNumber(task);
  const node = attempt % 2 === 0 ? box : mac;
  const by = term % 2 === 0 ? home : mac;
  const assignment = { attempt, node, term, by, atMs: 0, timeoutMs: 1, fallbacks: [], expected };
  const why = { score: 1, reason: '', priority, alternatives: [] };
  return { node: by, body: { type: 'task.dispatched', ...ids, assignment, ...why } };
}

/** The document of one task: of each name and writer the newest register. */
class Registers {
  private readonly byKey = new Map<string, Register>();
  private clock = 0;

  write(node: NodeId, before: TaskRegisters | null, after: TaskRegisters): void {
    this.clock += 1;
    const stamp = { node, seq: this.clock, clock: this.clock };
    for (const { name, value } of writesOf(before, after))
      this.byKey.set(`${name}/${node}`, {
        entity: `task/${id}`,
        name,
        stamp,
        // As it arrives on another node.
        value: JSON.parse(JSON.stringify(value)) as unknown,
      });
  }

  all(): Register[] {
    return [...this.byKey.values()];
  }
}

function play(steps: readonly (readonly [Step, number])[]) {
  const registers = new Registers();
  let task = newTask(specOf(id));
  registers.write(home, null, task);
  let term = 1;
  for (const [step, raise] of steps) {
    term += raise;
    const acted = act(task, step, term);
    if (!acted) continue;
    const next = foldTask(task, { ...acted, atMs: 7 });
    registers.write(acted.node, task, next);
    task = next;
    const read = readTask(registers.all());
    expect(read.unreadable).toEqual([]);
    expect(read.task).toEqual(task);
  }
  return { task, registers };
}

const steps = fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.constantFrom(0, 0, 1)), {
  maxLength: 25,
});

describe('the registers of a task', () => {
  it('say on every node what the events said where they were written', () => {
    fc.assert(
      fc.property(steps, (all) => void play(all)),
      { numRuns: 300 },
    );
  });

  it('say the same in whatever order they arrive', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), (all, keys) => {
        const { registers } = play(all);
        const shuffled = registers
          .all()
          .map((register, at) => ({ register, key: keys[at % 60] ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ register }) => register);
        const one = readTask(registers.all()).task;
        const other = readTask(shuffled).task;
        expect(other).toEqual(one);
        expect(other && statusOf(other)).toBe(one && statusOf(one));
      }),
      { numRuns: 200 },
    );
  });

  it('of two leaders that did not see each other give the task to one node, by the greater term', () => {
    const { task, registers } = play([['assign', 0]]);
    for (const term of [4, 3]) {
      const { node, body } = assign(newTask(task.spec), term);
      registers.write(node, task, foldTask(newTask(task.spec), { node, body, atMs: 0 }));
    }
    expect(readTask(registers.all()).task?.assignment).toMatchObject({ term: 4, by: home });
  });

  it('pass over what no version of the schema allows, and say so', () => {
    const { registers } = play([['assign', 0]]);
    const bad: Register = {
      entity: `task/${id}`,
      name: 'merge',
      stamp: { node: box, seq: 9, clock: 99 },
      value: { attempt: 'first' },
    };
    const { task, unreadable } = readTask([...registers.all(), bad]);
    expect(task?.merge).toBeNull();
    expect(unreadable).toEqual([bad]);
  });

  it('take a verdict for the result that the human saw, not for another of the same number', () => {
    const other = CommitId.parse('d'.repeat(40));
    const spec = specOf(id);
    const attempt = (node: NodeId, made: CommitId) => ({
      ...{ number: 1, node, startedAtMs: 0, endedAtMs: 1, report: null },
      state: { state: 'passed' as const, commit: made, needsReview: 'its spec asks for it' },
    });
    const given = (node: NodeId, term: number) => ({
      ...{ attempt: 1, node, term, by: node, atMs: 0, timeoutMs: 1, fallbacks: [], expected },
    });
    const said = (made: CommitId | undefined, answer: 'approved' | 'rejected') => ({
      ...{ attempt: 1, answer, who: 'me', reason: '', atMs: 2 },
      ...(made === undefined ? {} : { commit: made }),
    });
    const statusWith = (...verdicts: [NodeId, ReturnType<typeof said>][]) => {
      const registers = [
        [mac, 'spec', spec],
        [box, 'assignment', given(box, 1)],
        [box, 'attempt.1.n-box', attempt(box, commit)],
        [mac, 'assignment', given(mac, 2)],
        [mac, 'attempt.1.n-mac', attempt(mac, other)],
        ...verdicts.map(([node, value]) => [node, 'verdict', value] as const),
      ].map(([node, name, value], at) => {
        const stamp = { node: node as NodeId, seq: at + 1, clock: at + 1 };
        return { entity: `task/${id}`, name: name as string, stamp, value };
      });
      const { task } = readTask(registers);
      return task && statusOf(task);
    };
    expect(statusWith()).toBe('review');
    expect(statusWith([home, said(commit, 'approved')])).toBe('review');
    expect(statusWith([home, said(commit, 'approved')], [mac, said(other, 'rejected')])).toBe(
      'rejected',
    );
    expect(statusWith([home, said(commit, 'rejected')], [mac, said(other, 'approved')])).toBe(
      'merging',
    );
    expect(statusWith([home, said(undefined, 'approved')])).toBe('merging');
  });
});
