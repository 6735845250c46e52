import { afterAll, expect, test } from 'vitest';
import { checkInvariants } from './invariants.ts';
import { LEAST_MERGED, mainJob } from './mainJob.ts';
import { Network } from './network.ts';
import { tellOnFailure, testFleet } from './testFleet.ts';

const fleet = testFleet(null);
const network = new Network(fleet.folder);
afterAll(() => network.remove());

/** Only ends a run that hangs, ms: ten tasks with their tests take long on a busy machine. */
const LIMIT_MS = 360_000;

test(
  'three nodes find, do and merge the work in the sample, while one is killed and one is cut off',
  async () => {
    tellOnFailure(fleet);
    await mainJob(fleet, network);
    const { events } = await checkInvariants(fleet);
    const found = events.flatMap(({ body }) =>
      body.type === 'task.added' && body.spec.executor.kind === 'mechanic' ? [body.task] : [],
    );
    expect(found.length).toBeGreaterThanOrEqual(LEAST_MERGED);
    expect(fleet.merged().toSorted()).toEqual(found.toSorted());
  },
  LIMIT_MS,
);
