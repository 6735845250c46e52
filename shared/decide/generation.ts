import type { Candidate } from '../model/decision.ts';
import type { ProjectId } from '../model/ids.ts';
import { cyclesInDay, whenCycleFree } from '../learn/limits.ts';
import { AGENT_CAPABILITY } from '../world/node.ts';
import { openInitiatives, type ProjectState } from '../world/project.ts';
import type { World } from '../world/world.ts';
import type { Conditions } from './holds.ts';
import type { RailReading } from './rails.ts';
import { scoreGenerate } from './score.ts';

/** Where to look for work: in projects whose code has changed since it was last read (D5, C5). */
export function planGeneration(
  world: World,
  conditions: Conditions,
  freeSlots: number,
  dispatched: number,
): { candidates: Candidate[]; projects: ProjectId[]; rails: RailReading[] } {
  const candidates: Candidate[] = [];
  const projects: ProjectId[] = [];
  const rails: RailReading[] = [];
  if (freeSlots > 0 && dispatched === 0) {
    for (const project of world.projects.values()) {
      if (!isWorthReading(world, project)) continue;
      const rail = generationRail(world, project, conditions);
      if (rail) rails.push(rail);
      else projects.push(project.definition.id);
      candidates.push({
        action: { kind: 'generate', project: project.definition.id },
        ...scoreGenerate(freeSlots),
        selected: rail === null,
        reason: rail
          ? `${rail.limit} is ${rail.value} of ${rail.max}`
          : 'fewer tasks are ready than slots are free, and the code has changed since it was read',
      });
    }
  }
  return { candidates, projects, rails };
}

/** An idle project is read only when there is something new to see: an idle node calls nobody. */
function isWorthReading(world: World, project: ProjectState): boolean {
  if (!world.isHome(project.definition.id)) return false;
  if (project.trouble || project.scanning || project.integration === null) return false;
  const { id } = project.definition;
  // Work in progress is about to change the tree.
  if (world.activeIn(id) > 0) return false;
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
  const { cyclesPerDay, openInitiatives: maxOpen } = node.limits;
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
