/** Where everything is drawn, px at scale 1. */
export const BOX = { width: 190, height: 44, gapX: 60, gapY: 16 } as const;

export interface Edge {
  readonly from: string;
  readonly to: string;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly places: ReadonlyMap<string, Place>;
  readonly width: number;
  readonly height: number;
}

/** Sweeps that pull a task towards its neighbours: more change little. */
const SWEEPS = 4;

/**
 * Layers from left to right: a task stands right of everything it waits for, near to it (Sugiyama, Tagawa and Toda
 * 1981, with barycentres). What hangs together stays together, the largest part first; what has no edge follows in
 * a grid. The same tasks and edges give the same layout. Time: O((tasks + edges) · log tasks).
 */
export function layoutGraph(ids: readonly string[], edges: readonly Edge[]): Layout {
  const known = new Set(ids);
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  for (const { from, to } of edges) {
    if (!known.has(from) || !known.has(to) || from === to) continue;
    push(after, from, to);
    push(before, to, from);
  }
  const parts = partsOf(ids, before, after);
  const linked = parts.filter((part) => part.length > 1).sort((a, b) => b.length - a.length);
  const single = parts.flatMap((part) => (part.length === 1 ? part : []));
  const places = new Map<string, Place>();
  let top = 0;
  let width = 0;
  for (const part of linked) {
    const layers = orderLayers(layersOf(part, before, after), before, after);
    const tallest = Math.max(...layers.map((layer) => layer.length));
    layers.forEach((layer, rank) => {
      const offset = ((tallest - layer.length) * (BOX.height + BOX.gapY)) / 2;
      layer.forEach((id, row) =>
        places.set(id, {
          x: rank * (BOX.width + BOX.gapX),
          y: top + offset + row * (BOX.height + BOX.gapY),
        }),
      );
    });
    width = Math.max(width, layers.length * (BOX.width + BOX.gapX));
    top += tallest * (BOX.height + BOX.gapY) + BOX.gapY;
  }
  const columns = Math.max(
    1,
    Math.ceil(Math.sqrt(single.length / 3)),
    Math.min(single.length, Math.floor(width / (BOX.width + BOX.gapY))),
  );
  single.forEach((id, index) =>
    places.set(id, {
      x: (index % columns) * (BOX.width + BOX.gapY),
      y: top + Math.floor(index / columns) * (BOX.height + BOX.gapY),
    }),
  );
  if (single.length > 0) {
    width = Math.max(width, Math.min(columns, single.length) * (BOX.width + BOX.gapY));
    top += Math.ceil(single.length / columns) * (BOX.height + BOX.gapY);
  }
  return { places, width, height: top };
}

/** What hangs together, each part in the order of `ids`. */
function partsOf(
  ids: readonly string[],
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
): string[][] {
  const part = new Map<string, number>();
  const parts: string[][] = [];
  for (const id of ids) {
    if (part.has(id)) continue;
    const number = parts.length;
    parts.push([]);
    part.set(id, number);
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop())
      for (const other of [...(before.get(next) ?? []), ...(after.get(next) ?? [])]) {
        if (part.has(other)) continue;
        part.set(other, number);
        open.push(other);
      }
  }
  for (const id of ids) parts[part.get(id) ?? 0]?.push(id);
  return parts;
}

/** By the longest way from a task that waits for none. A cycle, which the engine refuses, would stand last. */
function layersOf(
  part: readonly string[],
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
): string[][] {
  const missing = new Map(part.map((id) => [id, before.get(id)?.length ?? 0]));
  const rank = new Map<string, number>();
  let ready = part.filter((id) => missing.get(id) === 0);
  for (let layer = 0; ready.length > 0; layer += 1) {
    const next: string[] = [];
    for (const id of ready) {
      rank.set(id, layer);
      for (const to of after.get(id) ?? []) {
        const left = (missing.get(to) ?? 0) - 1;
        missing.set(to, left);
        if (left === 0) next.push(to);
      }
    }
    ready = next;
  }
  const last = Math.max(0, ...rank.values()) + 1;
  const layers: string[][] = [];
  for (const id of part) {
    const at = rank.get(id) ?? last;
    (layers[at] ??= []).push(id);
  }
  return Array.from(layers, (layer) => layer ?? []);
}

function orderLayers(
  layers: readonly (readonly string[])[],
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
): string[][] {
  const ordered = layers.map((layer) => [...layer]);
  const row = new Map<string, number>();
  // From 0 to 1, so that a neighbour in a short layer pulls as one in a long layer does.
  const settle = (layer: readonly string[]) =>
    layer.forEach((id, index) => row.set(id, (index + 0.5) / layer.length));
  ordered.forEach(settle);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isDown = sweep % 2 === 0;
    const near = isDown ? before : after;
    for (const layer of isDown ? ordered : ordered.toReversed()) {
      const centre = new Map(layer.map((id) => [id, mean(near.get(id) ?? [], row, id)]));
      layer.sort((a, b) => (centre.get(a) ?? 0) - (centre.get(b) ?? 0));
      settle(layer);
    }
  }
  return ordered;
}

function mean(near: readonly string[], row: ReadonlyMap<string, number>, id: string): number {
  if (near.length === 0) return row.get(id) ?? 0;
  return near.reduce((sum, other) => sum + (row.get(other) ?? 0), 0) / near.length;
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
