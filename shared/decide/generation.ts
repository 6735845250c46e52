import type { Candidate } from '../model/decision.ts';
import type { ProjectId } from '../model/ids.ts';
import { cyclesInDay, whenCycleFree } from '../learn/limits.ts';
import { AGENT_CAPABILITY, type NodeState } from '../world/node.ts';
import { openInitiatives, type ProjectState } from '../world/project.ts';
import type { World } from '../world/world.ts';
import type { Conditions } from './holds.ts';
import type { RailReading } from './rails.ts';
import { scoreGenerate } from './score.ts';

/**
 * Where to look for work: in projects whose code has changed since it was last read (D5, C5). A lone node looks
 * when it has nothing left to start. A fleet looks ahead: its nodes are never all idle at once, and what it finds
 * takes minutes to become tasks.
 */
export function planGeneration(
  world: World,
  conditions: Conditions,
  freeSlots: number,
  /** Tasks that are about to start: here, or by the word of the leader. */
  atHand: number,
): { candidates: Candidate[]; projects: ProjectId[]; rails: RailReading[] } {
  const candidates: Candidate[] = [];
  const projects: ProjectId[] = [];
  const rails: RailReading[] = [];
  const worth = [...world.projects.values()].filter((project) => isWorthReading(world, project));
  if (worth.length === 0) return { candidates, projects, rails };
  const isIdle = freeSlots > 0 && atHand === 0;
  const looksAhead = runsShort(world, conditions, atHand);
  for (const project of worth) {
    // Work in progress is about to change the tree; only a fleet that would stand idle does not wait for it.
    if (!looksAhead && !(isIdle && world.activeIn(project.definition.id) === 0)) continue;
    const rail = generationRail(world, project, conditions);
    if (rail) rails.push(rail);
    else projects.push(project.definition.id);
    candidates.push({
      action: { kind: 'generate', project: project.definition.id },
      ...scoreGenerate(Math.max(1, freeSlots)),
      selected: rail === null,
      reason: rail
        ? `${rail.limit} is ${rail.value} of ${rail.max}`
        : looksAhead
          ? 'fewer tasks could start than the nodes have slots, and there is more to do in the code'
          : 'fewer tasks are ready than slots are free, and the code has changed since it was read',
    });
  }
  return { candidates, projects, rails };
}

/** So many tasks for each slot are looked at for one that could start: where all of them wait, more would wait too. */
const LOOKED_AT_PER_SLOT = 4;

/** Whether several nodes would soon have nothing to start: not one task for each of their slots could. */
function runsShort(world: World, { nodes }: Conditions, atHand: number): boolean {
  const working = nodes.filter((node) => !node.draining);
  if (working.length < 2) return false;
  const slots = working.reduce((sum, node) => sum + slotsOf(node), 0);
  let [looked, startable] = [0, 0];
  for (const id of world.graph.ready()) {
    looked += 1;
    if (world.graph.isStartable(id)) startable += 1;
    if (startable - atHand >= slots || looked >= LOOKED_AT_PER_SLOT * slots) return false;
  }
  return true;
}

function slotsOf({ concurrency, capabilities }: NodeState): number {
  return concurrency.cheap + (capabilities.includes(AGENT_CAPABILITY) ? concurrency.agent : 0);
}

/** A project is read only when there is something new to see: an idle node calls nobody. */
function isWorthReading(world: World, project: ProjectState): boolean {
  if (!world.isHome(project.definition.id)) return false;
  if (project.trouble || project.scanning || project.integration === null) return false;
  return project.scannedCommit !== project.integration || project.leftOver > 0;
}

function generationRail(
  world: World,
  project: ProjectState,
  { nowMs, nodes }: Conditions,
): RailReading | null {
  const node = nodes[0];
  if (!node) return null;
  const subject = project.definition.id;
  const cycles = cyclesInDay(world.learned.rates, subject, nowMs);
  const { cyclesPerDay } = node.limits;
  // The limit is what one node can oversee; each that works beside it brings as much forward again.
  const maxOpen = node.limits.openInitiatives * nodes.length;
  if (cycles >= cyclesPerDay) {
    const untilMs = whenCycleFree(world.learned.rates, subject, cyclesPerDay, nowMs);
    return { limit: 'cyclesPerDay', subject, value: cycles, max: cyclesPerDay, untilMs };
  }
  const hasAgent = nodes.some((n) => n.capabilities.includes(AGENT_CAPABILITY));
  const open = openInitiatives(project, hasAgent);
  if (open >= maxOpen) {
    return { limit: 'openInitiatives', subject, value: open, max: maxOpen, untilMs: null };
  }
  return null;
}
