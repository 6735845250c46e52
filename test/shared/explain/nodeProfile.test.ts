import { expect, test } from 'vitest';
import { nodeProfile } from '../../../shared/explain/nodeProfile.ts';
import { NodeId } from '../../../shared/model/ids.ts';
import { MINUTE, Site, T } from '../decide/site.ts';

const mac = NodeId.parse('mac-1');
const box = NodeId.parse('box');
const DAY = 24 * 60 * MINUTE;

/** Tasks at work one at a time on the node that is up; `passes` says how each ends. */
function works(site: Site, from: number, passes: readonly boolean[], durationMs: number): Site {
  passes.forEach((passed, at) => {
    site.task(from + at, { maxAttempts: 1 });
    site.start();
    if (passed) site.passed(from + at, durationMs);
    else {
      site.failed(from + at);
      site.add({
        type: 'task.cancelled',
        task: T(from + at),
        project: site.world.projects.keys().next().value!,
        who: 'alex',
        reason: '',
      });
    }
  });
  return site;
}

const ups = (count: number) => Array.from({ length: count }, () => true);
const profileOf = (site: Site, node: NodeId) =>
  nodeProfile(site.world.learned.nodes, node).map(
    ({ kind, text, evidence }) => `${kind}: ${text} (${evidence})`,
  );

/** Box does 12 of 12 in 2 min on one day, then mac 2 of 8 in 10 min a day later. */
function two(): Site {
  const site = Site.with(null).node(box);
  works(site, 1, ups(12), 2 * MINUTE);
  site.add({ type: 'node.stopped', node: box, reason: 'asked to' }).wait(DAY).node(mac);
  return works(
    site,
    20,
    [true, true, true, ...Array.from({ length: 9 }, () => false)],
    10 * MINUTE,
  );
}

test('a node that has not worked has no profile', () => {
  expect(profileOf(Site.with(), mac)).toEqual([]);
});

test('what a node is good and bad at is told against the others, with the evidence', () => {
  expect(profileOf(two(), box)).toEqual([
    'strength: 100 % of command tasks succeed, against 25 % elsewhere (12 of 12 attempts, on 2026-11-21)',
    'strength: quicker at command tasks: 2 min, against 10 min elsewhere (12 that succeeded, on 2026-11-21)',
    'reliability: never lost an attempt to its own end (0 of 12 attempts interrupted, on 2026-11-21)',
    'duration: command tasks take 2 min on average (12 that succeeded, on 2026-11-21)',
  ]);
  expect(profileOf(two(), mac).filter((line) => line.startsWith('weakness'))).toEqual([
    'weakness: 25 % of command tasks succeed, against 100 % elsewhere (3 of 12 attempts, on 2026-11-22)',
    'weakness: slower at command tasks: 10 min, against 2 min elsewhere (3 that succeeded, on 2026-11-22)',
  ]);
});

test('two results are luck, and prove nothing', () => {
  const lines = profileOf(works(Site.with(), 1, [true, true], MINUTE), mac);
  expect(lines.filter((line) => /^(strength|weakness)/.test(line))).toEqual([]);
});

test('a node that loses work or goes without a word is told of', () => {
  const site = Site.with().task(1);
  for (let at = 0; at < 3; at += 1) {
    site.start();
    // It came up again without having stopped.
    site.failed(1, true).node(mac);
  }
  site.add({ type: 'node.stopped', node: mac, reason: 'asked to' }).node(mac);
  expect(profileOf(site, mac)).toEqual([
    'weakness: lost 100 % of its attempts to its own end (3 of 3 attempts interrupted, on 2026-11-21)',
    'reliability: ended without notice before 75 % of its restarts (3 of 4 restarts since 2026-11-21)',
  ]);
});
