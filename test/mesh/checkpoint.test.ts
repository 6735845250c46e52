import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { BudgetChangeView } from '../../shared/model/agentApi.ts';
import { ExplanationView } from '../../shared/model/explanationApi.ts';
import { Budget } from '../../shared/model/budget.ts';
import { EventBody, type EventType } from '../../shared/model/events.ts';
import { DrainView } from '../../shared/model/meshApi.ts';
import {
  agentSettings,
  inWorktree,
  scripted,
  think,
} from '../electron/node/agents/scriptedAgents.ts';
import { startModelServer, type ModelServer } from '../models/modelServer.ts';
import { call, say, stall } from '../models/reply.ts';
import { shellCall, writeFileCall } from '../models/writeFileCall.ts';
import { userGit } from '../userGit.ts';
import type { FleetNode, Roles } from './fleet.ts';
import { checkInvariants } from './invariants.ts';
import { tellOnFailure, testFleet } from './testFleet.ts';
import { until } from './until.ts';

/** No checkpoint comes by the clock within a test. */
const NEVER_MS = 3_600_000;

const fleet = testFleet();
let roles: Roles;
let model: ModelServer;
/** The file that the task of the moment is to write. */
let whole = '';
/** Whether the writer may go on: until then it writes the first half and says nothing more. */
let goesOn = false;

beforeAll(async () => {
  model = await startModelServer({
    script: (request) =>
      think(
        {
          writer: () => {
            if (!goesOn)
              return request.toolResults.length > 0
                ? stall
                : call(writeFileCall(request, inWorktree(request, 'part.txt'), 'half\n'));
            // Without the first half there is nothing that it could go on with.
            if (!existsSync(inWorktree(request, 'part.txt'))) return say('done');
            return call(shellCall(request, `mv part.txt ${whole} && echo whole >> ${whole}`));
          },
        },
        request,
      ),
  });
});
afterAll(() => model.close());

const limits = {
  leastFreeDiskBytes: 0,
  leastFreeDiskShare: 0,
  cyclesPerDay: 0,
  pauseAtFailureRate: 1,
  checkpointMs: NEVER_MS,
};

function withLimits(node: FleetNode, changed: Readonly<Record<string, number>>): void {
  const file = path.join(node.home, 'config.yaml');
  const config = z.looseObject({}).parse(JSON.parse(readFileSync(file, 'utf8')));
  writeFileSync(file, JSON.stringify({ ...config, limits: { ...limits, ...changed } }));
}

async function drain(node: FleetNode, on: boolean): Promise<void> {
  const { home } = roles;
  await home.call('POST', `/v1/nodes/${node.id}/drain`, DrainView, { drain: on });
  await until(`${node.name} is ${on ? '' : 'no longer '}drained`, async () => {
    const seen = await Promise.all([home, node].map((each) => each.sees(node)));
    return seen.every((view) => view?.draining === on);
  });
}

/** Has an agent on `node` write the first half of a task's work. */
async function half(node: FleetNode, file: string): Promise<string> {
  goesOn = false;
  whole = file;
  const [id = ''] = await roles.home.add({
    title: `Say half, then whole, in ${file}`,
    type: 'docs',
    executor: { kind: 'agent' },
    instructions: `Write the file \`${file}\` with the lines half and whole in it.`,
    acceptance: [`\`${file}\` says half and whole`, 'nothing else is in it'],
    deliverables: [file],
    scope: [file, 'part.txt'],
  });
  await until(`the agent on ${node.name} has done half of it`, async () => {
    const { status, history } = await roles.home.task(id);
    return status === 'running' && history.at(-1)?.node === node.id && model.openAnswers() > 0;
  });
  return id;
}

const eventsOf = (id: string, type: EventType) => roles.home.events({ task: id, type });

/** The task goes on at `node` from what `from` left, and merges once; gives the checkpoint's tree. */
async function goesOnAt(node: FleetNode, id: string, from: FleetNode): Promise<void> {
  goesOn = true;
  await drain(node, false);
  await until('it waits for a review', async () => {
    const { status } = await roles.home.task(id);
    return status === 'review';
  });
  const explain = () => roles.home.call('GET', `/v1/tasks/${id}/explain`, ExplanationView);
  const story = await explain();
  expect(story.dispatch.rounds.map((round) => round.node)).toEqual([from.id, node.id]);
  expect(story.execution[0]?.result).toContain('interrupted');
  expect(story.execution[1]?.route).toMatch(
    new RegExp(`it goes on from [0-9a-f]{7}, which attempt 1 left on ${from.id}`),
  );
  const [event] = await eventsOf(id, 'attempt.continued');
  const continued = EventBody.parse(event?.body);
  if (continued.type !== 'attempt.continued') throw new Error('it went on from something');
  // The clone of the one that goes on holds what the other had made, and no more than that.
  const clone = path.join(node.home, 'projects', 'app', 'repo.git');
  expect(userGit(clone, 'show', `${continued.commit}:part.txt`)).toBe('half');
  expect(userGit(clone, 'for-each-ref', '--points-at', continued.commit)).toContain(
    `/${from.id}/checkpoints/${id}/1`,
  );
  await roles.home.call('POST', `/v1/reviews/${id}`, z.unknown(), { answer: 'approved' });
  await until('it has merged', async () => (await roles.home.task(id)).status === 'merged');
  expect(fleet.file(whole)).toBe('half\nwhole');
  expect(fleet.merged().filter((task) => task === id)).toEqual([id]);
}

test('a node that is told to end hands over its agent’s work at once: another goes on with it', async () => {
  tellOnFailure(fleet);
  const agents = agentSettings(['claude']);
  roles = await fleet.three('leader', { config: { limits, agents } });
  const { home, worker, third } = roles;
  const budget = Budget.parse({ task: { tokens: 1_000_000, calls: 100 } });
  const { approval } = await home.call('PUT', '/v1/budget', BudgetChangeView, budget);
  await home.call('POST', `/v1/approvals/${approval}`, z.unknown(), { answer: 'approved' });
  for (const node of fleet.nodes) {
    const provider = scripted(model.baseUrl, ['claude']);
    await node.call('PUT', '/v1/providers/scripted', z.unknown(), provider);
  }
  for (const node of [home, third]) await drain(node, true);
  const id = await half(worker, 'first.txt');
  expect(await eventsOf(id, 'attempt.checkpointed')).toEqual([]);
  await worker.stop();
  expect(await eventsOf(id, 'attempt.checkpointed')).toHaveLength(1);
  // Nobody had to miss it first.
  expect(await eventsOf(id, 'attempt.abandoned')).toEqual([]);
  await goesOnAt(third, id, worker);
});

test('a node that is killed leaves its agent’s last checkpoint on another, and a third goes on from there', async () => {
  tellOnFailure(fleet);
  const { home, worker, third } = roles;
  withLimits(worker, { checkpointMs: 1_000 });
  await worker.start();
  await fleet.whole();
  await drain(third, true);
  const id = await half(worker, 'second.txt');
  const [checkpoint] = await until('its checkpoint is at home', async () => {
    const made = await eventsOf(id, 'attempt.checkpointed');
    const clone = path.join(home.home, 'projects', 'app', 'repo.git');
    const sent = userGit(clone, 'for-each-ref', `refs/vigil/from/${worker.id}/checkpoints/${id}`);
    return made.length > 0 && sent !== '' && made;
  });
  expect(checkpoint?.node).toBe(worker.id);
  await worker.crash();
  await goesOnAt(third, id, worker);
  expect(await eventsOf(id, 'attempt.abandoned')).toHaveLength(1);
  await worker.start();
  await fleet.whole();
  await checkInvariants(fleet);
});
