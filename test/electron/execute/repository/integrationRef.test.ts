import { expect, test } from 'vitest';
import {
  advance,
  type IntegrationRef,
} from '../../../../electron/execute/repository/integrationRef.ts';
import { CommitId } from '../../../../shared/model/ids.ts';

const [base, mine, others] = ['a', 'b', 'c'].map((digit) => CommitId.parse(digit.repeat(40))) as [
  CommitId,
  CommitId,
  CommitId,
];
const move = { from: base, to: mine, why: 'merge T-1' };

/** A ref that ends up at `lands` when it is moved, and whose answer is lost. */
function unanswered(lands: CommitId): { ref: IntegrationRef; told: CommitId[] } {
  const told: CommitId[] = [];
  let at = base;
  const ref: IntegrationRef = {
    head: () => Promise.resolve(at),
    blocked: () => Promise.resolve(null),
    update: () => {
      at = lands;
      return Promise.reject(new Error('the connection was lost'));
    },
    read: () => Promise.resolve(at),
    moved: (to) => Promise.resolve(void told.push(to)),
  };
  return { ref, told };
}

test('a move that got there and whose answer was lost has been made', async () => {
  const { ref, told } = unanswered(mine);
  expect(await advance(ref, move)).toEqual({ kind: 'advanced' });
  expect(told).toEqual([mine]);
});

test('a move that somebody else was ahead of has not been made', async () => {
  const { ref, told } = unanswered(others);
  expect(await advance(ref, move)).toEqual({ kind: 'moved', head: others });
  expect(told).toEqual([]);
});

test('a move that did not get there is an error', async () => {
  const { ref, told } = unanswered(base);
  await expect(advance(ref, move)).rejects.toThrow('the connection was lost');
  expect(told).toEqual([]);
});
