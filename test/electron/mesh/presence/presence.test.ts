import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Presence, SILENCE_MS } from '../../../../electron/mesh/presence/presence.ts';
import type { OwnPresence, PresenceChange } from '../../../../electron/mesh/presence/presence.ts';
import { encodePresence } from '../../../../electron/mesh/presence/message.ts';
import { NodeId, ProjectId, taskId } from '../../../../shared/model/ids.ts';
import { NO_SENSES } from '../../../../shared/model/senses.ts';
import type { Senses } from '../../../../shared/model/senses.ts';
import { ManualClock } from '../manualClock.ts';
import { Hub } from '../memoryLinks.ts';

const loaded = (load: number): Senses => ({ ...NO_SENSES, cpu: { cores: 2, load } });

const OWN: OwnPresence = {
  name: 'laptop',
  version: '0.1.0',
  protocol: 1,
  concurrency: { agent: 1, cheap: 1 },
  capabilities: ['linux', 'x64'],
  ready: [],
  senses: loaded(0.1),
  fitness: null,
  draining: false,
  running: [],
  leads: false,
  term: 0,
  projects: [ProjectId.parse('app')],
  human: null,
  tells: { screen: false, away: false },
};

class Node {
  readonly id: NodeId;
  readonly clock: ManualClock;
  readonly changes: PresenceChange[] = [];
  readonly #hub: Hub;
  #boot = 0;
  presence: Presence;

  constructor(hub: Hub, id: NodeId, clock: ManualClock) {
    this.#hub = hub;
    this.id = id;
    this.clock = clock;
    this.presence = this.#start();
  }

  #start(): Presence {
    this.#boot += 1;
    const presence = new Presence({
      node: this.id,
      boot: this.#boot,
      links: this.#hub.node(this.id),
      clock: this.clock,
      own: OWN,
    });
    presence.onChange((change) => this.changes.push(change));
    return presence;
  }

  restart(): void {
    this.presence.stop();
    this.#hub.remove(this.id);
    this.presence = this.#start();
  }

  news(): string[] {
    return this.changes.splice(0).map(({ kind, node }) => `${kind} ${node}`);
  }
}

function mesh(count: number): {
  hub: Hub;
  clock: ManualClock;
  nodes: [Node, Node, Node, ...Node[]];
} {
  const hub = new Hub();
  hub.held = true;
  const clock = new ManualClock();
  const nodes = Array.from(
    { length: count },
    (_, at) => new Node(hub, NodeId.parse(`n-${at + 1}`), clock),
  );
  return { hub, clock, nodes: nodes as [Node, Node, Node, ...Node[]] };
}

/** Time passes, a beat at a time, and all that is sent arrives. */
function pass(hub: Hub, clock: ManualClock, ms: number): void {
  for (let left = ms; left > 0; left -= 500) {
    clock.pass(Math.min(500, left));
    hub.deliver(Number.MAX_SAFE_INTEGER);
  }
}

describe('a peer', () => {
  test('is there, with what it says of itself, as soon as it is linked', () => {
    const { hub, nodes } = mesh(2);
    const [one, two] = nodes;
    hub.connect(one.id, two.id);
    hub.deliver();
    hub.deliver();
    expect(one.presence.component()).toEqual([one.id, two.id]);
    expect(one.presence.peers().get(two.id)?.presence).toMatchObject({
      name: 'laptop',
      links: [one.id],
    });
    expect(one.news()[0]).toBe(`joined ${two.id}`);
  });

  test('that changes is told at once; measurements alone wait a little', () => {
    const { hub, clock, nodes } = mesh(2);
    const [one, two] = nodes;
    hub.connect(one.id, two.id);
    pass(hub, clock, 6_000);
    one.news();
    const seen = () => one.presence.peers().get(two.id)?.presence;
    const running = [{ task: taskId(1), attempt: 1, term: 3 }];
    two.presence.setOwn({ ...OWN, running });
    hub.deliver();
    expect(seen()?.running).toEqual(running);
    two.presence.setOwn({ ...OWN, running, senses: loaded(0.9) });
    hub.deliver();
    expect(seen()?.senses).toEqual(loaded(0.1));
    pass(hub, clock, 6_000);
    expect(seen()?.senses).toEqual(loaded(0.9));
    expect(one.news()).toEqual([`changed ${two.id}`, `changed ${two.id}`]);
    const before = hub.sent.length;
    two.presence.setOwn({ ...OWN, running, senses: loaded(0.9) });
    expect(hub.sent.length).toBe(before);
  });

  test('is lost at once when its last link ends', () => {
    const { hub, clock, nodes } = mesh(3);
    const [one, two, three] = nodes;
    hub.connectAll(one.id, two.id, three.id);
    pass(hub, clock, 2_000);
    for (const node of nodes) node.news();
    three.presence.stop();
    hub.remove(three.id);
    hub.deliver(100);
    expect(one.presence.component()).toEqual([one.id, two.id]);
    expect(two.presence.component()).toEqual([one.id, two.id]);
  });

  test('is lost when it is silent on a link that stays open', () => {
    const { hub, clock, nodes } = mesh(2);
    const [one, two] = nodes;
    hub.connect(one.id, two.id);
    pass(hub, clock, 2_000);
    two.presence.stop();
    pass(hub, clock, SILENCE_MS - 1_000);
    expect(one.presence.peers().has(two.id)).toBe(true);
    pass(hub, clock, 2_500);
    expect(one.presence.peers().has(two.id)).toBe(false);
    expect(one.news().at(-1)).toBe(`lost ${two.id}`);
  });

  test('that was silent on an open link is there again with its next sign of life', () => {
    const { hub, clock, nodes } = mesh(2);
    const [one, two] = nodes;
    hub.connect(one.id, two.id);
    pass(hub, clock, 2_000);
    // Stopped, as a laptop that sleeps: what it would have said is nothing.
    const nothing = encodePresence({ t: 'ask', node: NodeId.parse('nobody') });
    hub.tamper = ({ from, message }) => (from === two.id ? nothing : message);
    pass(hub, clock, SILENCE_MS + 2_000);
    expect(one.presence.component()).toEqual([one.id]);
    hub.tamper = ({ message }) => message;
    pass(hub, clock, 2_000);
    expect(one.presence.component()).toEqual([one.id, two.id]);
  });

  test('stays while another passes it on, without being lost in between', () => {
    const { hub, clock, nodes } = mesh(3);
    const [one, two, three] = nodes;
    hub.connectAll(one.id, two.id, three.id);
    pass(hub, clock, 2_000);
    one.news();
    hub.cut(one.id, three.id);
    pass(hub, clock, 20_000);
    expect(one.presence.component()).toEqual([one.id, two.id, three.id]);
    expect(one.news()).not.toContain(`lost ${three.id}`);
    expect(one.presence.reaches(one.id, three.id)).toBe(false);
    expect(one.presence.reaches(two.id, three.id)).toBe(true);
  });

  test('that restarts is lost and joins, and nothing of its start before counts any more', () => {
    const { hub, clock, nodes } = mesh(3);
    const [one, two, three] = nodes;
    hub.connect(one.id, two.id);
    hub.connect(two.id, three.id);
    pass(hub, clock, 3_000);
    const old = one.presence.peers().get(three.id)?.presence;
    if (!old) throw new Error('not heard of');
    one.news();
    three.restart();
    hub.connect(two.id, three.id);
    pass(hub, clock, 2_000);
    expect(one.news().filter((news) => !news.startsWith('changed'))).toEqual([
      `lost ${three.id}`,
      `joined ${three.id}`,
    ]);
    const late = { ...old, n: 1_000, name: 'of the start before' };
    hub
      .node(two.id)
      .open.get(one.id)
      ?.send('presence', encodePresence({ t: 'state', state: late }));
    hub.deliver();
    expect(one.presence.peers().get(three.id)?.presence).toMatchObject({ boot: 2, name: 'laptop' });
  });

  test('is not taken for silent by one that slept itself', () => {
    const { hub, clock, nodes } = mesh(2);
    const [one, two] = nodes;
    hub.connect(one.id, two.id);
    pass(hub, clock, 2_000);
    one.news();
    clock.sleep(600_000);
    clock.pass(0);
    expect(one.news()).toEqual([]);
    pass(hub, clock, 3_000);
    expect(one.presence.component()).toEqual([one.id, two.id]);
    two.presence.stop();
    pass(hub, clock, SILENCE_MS + 2_000);
    expect(one.presence.component()).toEqual([one.id]);
  });

  test.each(['{}', 'nothing', '{"t":"beat"}', '{"t":"state","state":{"node":"n-2"}}'])(
    'that says %s loses its link',
    (text) => {
      const { hub, nodes } = mesh(2);
      const [one, two] = nodes;
      hub.connect(one.id, two.id);
      hub.node(two.id).open.get(one.id)?.send('presence', new TextEncoder().encode(text));
      hub.deliver();
      expect(hub.ended.map(({ between }) => between)).toEqual([[one.id, two.id]]);
    },
  );
});

describe('the traffic', () => {
  test.each([3, 10])(
    'of %i idle nodes is one beat a second each way, far below 2 kB/s on a link',
    (count) => {
      const { hub, clock, nodes } = mesh(count);
      hub.connectAll(...nodes.map(({ id }) => id));
      pass(hub, clock, 10_000);
      const before = hub.sent.length;
      pass(hub, clock, 10_000);
      const sent = hub.sent.slice(before);
      expect(sent).toHaveLength(10 * count * (count - 1));
      const links = (count * (count - 1)) / 2;
      const perLink = sent.reduce((sum, { message }) => sum + message.byteLength, 0) / links / 10;
      expect(perLink).toBeLessThan(200);
    },
  );
});

const change = fc.record({
  kind: fc.constantFrom(
    'connect' as const,
    'connect' as const,
    'cut' as const,
    'restart' as const,
    'pass' as const,
  ),
  a: fc.nat(),
  b: fc.nat(),
});

test('after quiet everyone sees just those that some chain of links leads to', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 6 }),
      fc.array(change, { maxLength: 40 }),
      (count, changes) => {
        const { hub, clock, nodes } = mesh(count);
        for (const { kind, a, b } of changes) {
          const [one, two] = [nodes[a % count] ?? nodes[0], nodes[b % count] ?? nodes[0]];
          if (kind === 'restart') one.restart();
          else if (kind === 'pass') pass(hub, clock, (b % 5) * 500);
          else if (one !== two) hub[kind](one.id, two.id);
          hub.deliver(a % 5);
        }
        pass(hub, clock, SILENCE_MS + 4_000);
        for (const node of nodes) {
          expect(node.presence.component()).toEqual(componentOf(hub, node.id));
        }
      },
    ),
    { numRuns: 400 },
  );
});

function componentOf(hub: Hub, start: NodeId): NodeId[] {
  const found = new Set([start]);
  for (const node of found) for (const peer of hub.node(node).open.keys()) found.add(peer);
  return [...found].sort();
}
