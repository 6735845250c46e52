import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  elect,
  NO_ELECTION,
  type Election,
  type Standing,
} from '../../../shared/decide/leadership.ts';
import { NodeId } from '../../../shared/model/ids.ts';

const IDS = ['n-a', 'n-b', 'n-c', 'n-d', 'n-e'].map((id) => NodeId.parse(id));

/** Nodes that see each other in groups, each with what it knows of the leadership. */
class Fleet {
  nowMs = 0;
  readonly nodes: { id: NodeId; rank: number; upSinceMs: number; election: Election }[];
  groups: NodeId[][];

  constructor(count: number) {
    this.nodes = IDS.slice(0, count).map((id, at) => ({
      id,
      rank: 0,
      upSinceMs: -at * 100_000,
      election: NO_ELECTION,
    }));
    this.groups = [this.nodes.map(({ id }) => id)];
  }

  /** Lets every node look once, in an order. */
  step(ms: number, order: readonly number[] = this.nodes.map((_, at) => at)): void {
    this.nowMs += ms;
    for (const at of order) {
      const node = this.nodes[at % this.nodes.length];
      const group = node && this.groups.find((ids) => ids.includes(node.id));
      if (!node || !group) continue;
      node.election = elect(node.election, node.id, this.standings(group), this.nowMs);
    }
  }

  standings(group: readonly NodeId[]): Standing[] {
    return this.nodes
      .filter(({ id }) => group.includes(id))
      .map(({ id, rank, upSinceMs, election }) => ({
        node: id,
        rank,
        upMs: this.nowMs - upSinceMs,
        leads: election.leader === id,
        term: election.term,
      }));
  }

  quiet(): void {
    for (let at = 0; at < 80; at++) this.step(1_000);
  }

  leadersOf(group: readonly NodeId[]): Set<NodeId | null> {
    return new Set(
      this.nodes.filter(({ id }) => group.includes(id)).map(({ election }) => election.leader),
    );
  }
}

describe('who leads', () => {
  it('is the node that is longest up, and all agree', () => {
    const fleet = new Fleet(3);
    fleet.quiet();
    expect(fleet.leadersOf(IDS.slice(0, 3))).toEqual(new Set(['n-c']));
  });

  it('stays who it is when a node comes that would have won', () => {
    const fleet = new Fleet(3);
    const [a, b, c] = IDS.slice(0, 3) as [NodeId, NodeId, NodeId];
    fleet.groups = [[a, b], [c]];
    fleet.quiet();
    const term = Math.max(...fleet.nodes.map(({ election }) => election.term));
    expect(fleet.leadersOf([a, b])).toEqual(new Set([b]));
    fleet.groups = [[a, b, c]];
    fleet.quiet();
    expect(fleet.leadersOf([a, b, c]).size).toBe(1);
    expect(Math.max(...fleet.nodes.map(({ election }) => election.term))).toBe(term);
  });

  it('goes on within two seconds when the leader is gone', () => {
    const fleet = new Fleet(3);
    fleet.quiet();
    fleet.groups = [IDS.slice(0, 2)];
    fleet.step(100);
    fleet.step(1_200);
    fleet.step(100);
    expect(fleet.leadersOf(IDS.slice(0, 2))).toEqual(new Set(['n-b']));
  });

  it('moves off a machine that runs hot, and only once it has been for a while', () => {
    const fleet = new Fleet(2);
    fleet.quiet();
    const leader = fleet.nodes[1];
    if (leader) leader.rank = 2;
    fleet.step(1_000);
    fleet.step(20_000);
    expect(fleet.leadersOf(IDS.slice(0, 2))).toEqual(new Set(['n-b']));
    fleet.quiet();
    expect(fleet.leadersOf(IDS.slice(0, 2))).toEqual(new Set(['n-a']));
  });

  it('agrees in every component once it is quiet, with terms that never went down', () => {
    const act = fc.oneof(
      fc.record({
        kind: fc.constant('split' as const),
        sides: fc.array(fc.nat(2), { minLength: 5, maxLength: 5 }),
      }),
      fc.record({ kind: fc.constant('rank' as const), node: fc.nat(4), rank: fc.nat(2) }),
      fc.record({ kind: fc.constant('restart' as const), node: fc.nat(4) }),
      fc.record({
        kind: fc.constant('step' as const),
        ms: fc.integer({ min: 1, max: 40_000 }),
        order: fc.array(fc.nat(4), { maxLength: 8 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const fleet = new Fleet(5);
        const terms = new Map<NodeId, number>();
        for (const each of acts) {
          const node = 'node' in each ? fleet.nodes[each.node] : undefined;
          if (each.kind === 'split')
            fleet.groups = [0, 1, 2].map((side) => IDS.filter((_, at) => each.sides[at] === side));
          else if (each.kind === 'step') fleet.step(each.ms, each.order);
          else if (each.kind === 'rank' && node) node.rank = each.rank;
          else if (node) {
            // The term is in its log; whom it followed is not known after a start.
            node.election = { ...NO_ELECTION, term: node.election.term };
            node.upSinceMs = fleet.nowMs;
          }
          for (const { id, election } of fleet.nodes) {
            expect(election.term).toBeGreaterThanOrEqual(terms.get(id) ?? 0);
            terms.set(id, election.term);
          }
        }
        fleet.quiet();
        for (const group of fleet.groups) {
          if (group.length === 0) continue;
          const leaders = fleet.leadersOf(group);
          expect(leaders.size).toBe(1);
          expect(group).toContain([...leaders][0]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is found however far apart the nodes started, in whatever order each lists the others', () => {
    const starts = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(starts, fc.nat(5), (halfMinutes, turn) => {
        const fleet = new Fleet(halfMinutes.length);
        fleet.nodes.forEach((node, at) => (node.upSinceMs = -(halfMinutes[at] ?? 0) * 15_000));
        const standings = fleet.standings.bind(fleet);
        let asked = 0;
        fleet.standings = (group) => {
          const all = standings(group);
          asked += turn;
          return [...all.slice(asked % all.length), ...all.slice(0, asked % all.length)];
        };
        fleet.quiet();
        const leaders = fleet.leadersOf(IDS.slice(0, halfMinutes.length));
        expect(leaders.size).toBe(1);
        expect([...leaders][0]).not.toBeNull();
      }),
    );
  });
});
