import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { seeded } from './lib.ts';

/** A task graph whose tasks are numbered; an edge [a, b] means that b waits for a. */
export interface Workload {
  readonly name: string;
  /** Minutes. */
  readonly durations: readonly number[];
  readonly edges: readonly (readonly [number, number])[];
  /** Best makespan on that many processors as published, in minutes. */
  readonly optimum: ReadonlyMap<number, number>;
}

/** Where the published graphs lie: `VIGIL_BENCH_DATA`, else a folder beside the checkout. */
const DATA = process.env.VIGIL_BENCH_DATA
  ? pathToFileURL(`${resolve(process.env.VIGIL_BENCH_DATA)}/`)
  : new URL('../../shared/data/', import.meta.url);
const SECONDS_PER_MINUTE = 60;

const Stg = z.array(
  z.object({
    name: z.string(),
    duration: z.array(z.number()),
    edges: z.array(z.tuple([z.number(), z.number()])),
    optimalMakespan: z.record(z.string(), z.number()),
  }),
);

const WfInstance = z.object({
  name: z.string(),
  workflow: z.object({
    specification: z.object({
      tasks: z.array(z.object({ id: z.string(), parents: z.array(z.string()) })),
    }),
    execution: z.object({
      tasks: z.array(z.object({ id: z.string(), runtimeInSeconds: z.number() })),
    }),
  }),
});

/** The Standard Task Graph Set with published optima; null where the data is absent. */
export function standardTaskGraphs(): Workload[] | null {
  const file = new URL('stg/graphs.json', DATA);
  if (!existsSync(file)) return null;
  return Stg.parse(JSON.parse(readFileSync(file, 'utf8'))).map((graph) => ({
    name: graph.name,
    durations: graph.duration,
    edges: graph.edges,
    optimum: new Map(Object.entries(graph.optimalMakespan).map(([m, best]) => [Number(m), best])),
  }));
}

/** Recorded executions of real workflows; null where the data is absent. */
export function recordedWorkflows(): Workload[] | null {
  const folder = new URL('wfinstances/', DATA);
  if (!existsSync(folder)) return null;
  const files = readdirSync(fileURLToPath(folder)).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    const { workflow } = WfInstance.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
    const { tasks } = workflow.specification;
    const numbers = new Map(tasks.map((task, at) => [task.id, at]));
    const runtimes = new Map(
      workflow.execution.tasks.map((task) => [task.id, task.runtimeInSeconds]),
    );
    return {
      name: file.replace(/\.json$/, ''),
      durations: tasks.map((task) => (runtimes.get(task.id) ?? 0) / SECONDS_PER_MINUTE),
      edges: tasks.flatMap((task, to) =>
        task.parents.flatMap((parent) => {
          const from = numbers.get(parent);
          return from === undefined ? [] : [[from, to] as const];
        }),
      ),
      optimum: new Map(),
    };
  });
}

/** Seeded graphs of three common shapes, for where there is no data. */
export function generatedGraphs(): Workload[] {
  const graphs: Workload[] = [];
  for (let seed = 1; seed <= 10; seed += 1) {
    graphs.push(layered(80, 10, seed), forkJoin(4, 15, seed), chains(8, 10, seed));
  }
  return graphs;
}

/** Layers of equal width; each task waits for some of the layer before. */
export function layered(tasks: number, layers: number, seed: number): Workload {
  const random = seeded(seed);
  const width = Math.ceil(tasks / layers);
  const edges: [number, number][] = [];
  for (let to = width; to < tasks; to += 1) {
    const layer = Math.floor(to / width);
    const waitsFor = 1 + Math.floor(random() * 3);
    const from = new Set(
      Array.from({ length: waitsFor }, () => (layer - 1) * width + Math.floor(random() * width)),
    );
    for (const each of from) edges.push([each, to]);
  }
  return {
    name: `layered-${seed}`,
    durations: durationsOf(tasks, random),
    edges,
    optimum: new Map(),
  };
}

function forkJoin(stages: number, width: number, seed: number): Workload {
  const random = seeded(seed);
  const edges: [number, number][] = [];
  for (let stage = 0; stage < stages; stage += 1) {
    const fork = stage * (width + 1);
    for (let task = fork + 1; task <= fork + width; task += 1)
      edges.push([fork, task], [task, fork + width + 1]);
  }
  const tasks = stages * (width + 1) + 1;
  return {
    name: `fork-join-${seed}`,
    durations: durationsOf(tasks, random),
    edges,
    optimum: new Map(),
  };
}

function chains(count: number, length: number, seed: number): Workload {
  const random = seeded(seed);
  const edges: [number, number][] = [];
  for (let task = 0; task < count * length; task += 1) {
    if ((task + 1) % length !== 0) edges.push([task, task + 1]);
  }
  return {
    name: `chains-${seed}`,
    durations: durationsOf(count * length, random),
    edges,
    optimum: new Map(),
  };
}

function durationsOf(tasks: number, random: () => number): number[] {
  return Array.from({ length: tasks }, () => 1 + Math.floor(random() * 20));
}
