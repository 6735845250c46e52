import { expect, test } from 'vitest';
import type { FleetNode } from './fleet.ts';
import { checkInvariants } from './invariants.ts';
import { tellOnFailure, testFleet } from './testFleet.ts';
import { append } from './work.ts';

const fleet = testFleet();

/** What differs between nodes that know the same: the order of arrival, and the moment of the question. */
const LOCAL: ReadonlySet<string> = new Set(['pos', 'sinceMs', 'untilMs']);

function normalised(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answer, (key, value: unknown) => (LOCAL.has(key) ? undefined : value)),
  ) as unknown;
}

test('tasks added on any node are done by all and merged once, and every node tells the same of them', async () => {
  tellOnFailure(fleet);
  await fleet.three('follower');
  const added = await Promise.all(
    fleet.nodes.map((node) =>
      node.add(append(`from ${node.name}`), {
        ...append(`by ${node.name}`),
        capabilities: [node.name],
      }),
    ),
  );
  const ids = added.flat();
  expect(new Set(ids).size).toBe(6);
  await fleet.untilMerged(ids);
  const { events } = await checkInvariants(fleet);
  const ran = events.flatMap(({ node, body }) => (body.type === 'attempt.passed' ? [node] : []));
  expect(new Set(ran)).toEqual(new Set(fleet.nodes.map(({ id }) => id)));
  for (const node of fleet.nodes)
    expect(fleet.file(`out/by-${node.name}.txt`)).toBe(`by ${node.name}`);

  const [task = ''] = ids;
  for (const command of [
    ['explain', task],
    ['report'],
    ['task', 'list', '--all'],
    ['events', '--task', task],
    // The output is on the node that ran it; the others ask there.
    ['log', task],
  ]) {
    const ask = (node: FleetNode) => fleet.cli(node, ...command);
    const [first, ...others] = (await Promise.all(fleet.nodes.map(ask))).map(normalised);
    for (const other of others) expect(other, command.join(' ')).toEqual(first);
    if (command[0] === 'log')
      expect(first).toMatchObject({ text: expect.stringMatching(/^from /) as string });
  }
});
