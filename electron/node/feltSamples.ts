import type { NodeId } from '../../shared/model/ids.ts';
import type { FeltSample } from '../../shared/model/insightApi.ts';
import type { Senses } from '../../shared/model/senses.ts';

/** One sample so often, ms: fine enough for a curve of a day. */
export const SAMPLE_MS = 60_000;
/** A day of them; older ones are forgotten, and all of them when the node ends. */
const MOST_SAMPLES = 1_440;

/** What the nodes felt lately, in memory: too much for the log, and nothing is decided by it. */
export class FeltSamples {
  private readonly samples = new Map<NodeId, FeltSample[]>();

  /** Keeps a node's senses; what was sampled before is not kept twice. */
  add(node: NodeId, { atMs, thermal, memory, cpu }: Senses): void {
    const known = this.samples.get(node) ?? [];
    if (atMs === null || known.at(-1)?.atMs === atMs) return;
    const { availableBytes, totalBytes } = memory;
    known.push({
      atMs,
      celsius: thermal.celsius,
      memoryFree: availableBytes !== null && totalBytes ? availableBytes / totalBytes : null,
      load: cpu.load,
    });
    if (known.length > MOST_SAMPLES) known.shift();
    this.samples.set(node, known);
  }

  since(node: NodeId, sinceMs: number): FeltSample[] {
    return (this.samples.get(node) ?? []).filter(({ atMs }) => atMs >= sinceMs);
  }
}
