import { hostname } from 'node:os';
import { nodeProfile } from '../../../shared/explain/nodeProfile.ts';
import type { NodeView } from '../../../shared/model/meshApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { FIT } from '../../../shared/model/senses.ts';
import type { NodeState } from '../../../shared/world/node.ts';
import type { Ledger } from '../ledger.ts';

/** The nodes that the log of a home knows while no node runs on it: nothing is up as far as it can tell. */
export function knownNodes({ world, store }: Ledger): NodeView[] {
  const others = [...world.nodes.values()].filter(({ id }) => id !== store.node);
  const self = world.nodes.get(store.node);
  return [...(self ? [self] : []), ...others].map((state) => ({
    id: state.id,
    name: state.name ?? (state.id === store.node ? hostname() : state.id),
    self: state.id === store.node,
    up: false,
    leads: false,
    draining: state.draining === true,
    version: state.version,
    fitness: FIT,
    senses: null,
    running: [],
    slots: { agent: idle(state, 'agent'), cheap: idle(state, 'cheap') },
    capabilities: [...new Set([...state.capabilities, ...(state.detected ?? [])])].sort(),
    profile: nodeProfile(world.learned.nodes, state.id),
    notes: [],
  }));
}

function idle({ concurrency }: NodeState, pool: 'agent' | 'cheap'): { used: number; max: number } {
  return { used: 0, max: concurrency[pool] };
}

/** The node with this id, or with this name in any case. Throws `not-found`, and `invalid-input` for a name that several have. */
export function findNode(nodes: readonly NodeView[], nameOrId: string): NodeView {
  const byId = nodes.find(({ id }) => id === nameOrId);
  if (byId) return byId;
  const wanted = nameOrId.toLowerCase();
  const [found, ...more] = nodes.filter(
    ({ id, name }) => id === wanted || name.toLowerCase() === wanted,
  );
  if (!found)
    throw new VigilError(
      'not-found',
      `there is no node ${nameOrId}`,
      nodes.length === 0
        ? '`vigil up` starts one.'
        : `Known: ${nodes.map(({ id, name }) => `${name} (${id})`).join(', ')}.`,
    );
  if (more.length > 0)
    throw new VigilError(
      'invalid-input',
      `several nodes are called ${nameOrId}: ${[found, ...more].map(({ id }) => id).join(', ')}`,
      'Name the one that is meant by its id.',
    );
  return found;
}
