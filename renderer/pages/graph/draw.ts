import type { GraphView } from '../../../shared/model/taskApi.ts';
import { visible } from '../../parts/visible.ts';
import { BOX, type Layout, type Place } from './layout.ts';
import { LOOKS, stateOf, type TaskState } from './taskState.ts';

/** Which part of the graph is seen, px: a point of the graph is drawn at `point · scale + (x, y)`. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Scene {
  readonly view: GraphView;
  readonly layout: Layout;
  /** The task that is pointed at. */
  readonly marked: string | null;
  /** The value of a token of the theme. */
  readonly colour: (token: string) => string;
}

/** Below this nothing can be read, so nothing is written. */
const READABLE = 0.45;
/** What fits into a box at 12 px. */
const TITLE_CHARS = 25;

const SIGNS = Object.fromEntries(
  Object.entries(LOOKS).map(([state, { path }]) => [state, new Path2D(path)]),
) as Readonly<Record<TaskState, Path2D>>;

/** Draws what is seen of the graph; `size` is that of the canvas in CSS px. */
export function draw(
  context: CanvasRenderingContext2D,
  { view, layout, marked, colour }: Scene,
  camera: Camera,
  size: { readonly width: number; readonly height: number; readonly ratio: number },
): void {
  const { x, y, scale } = camera;
  const { width, height, ratio } = size;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
  const seen = {
    left: -x / scale,
    right: (width - x) / scale,
    top: -y / scale,
    bottom: (height - y) / scale,
  };
  drawEdges(context, { view, layout, colour }, seen);
  const isReadable = scale >= READABLE;
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const paint = {
    card: colour('--vigil-card'),
    line: colour('--vigil-line'),
    soft: colour('--vigil-soft'),
    busy: colour('--vigil-busy'),
    text: colour('--mantine-color-text'),
    states: Object.fromEntries(
      Object.entries(LOOKS).map(([state, look]) => [state, colour(look.colour)]),
    ) as Record<TaskState, string>,
  };
  for (const task of view.tasks) {
    const place = layout.places.get(task.id);
    if (!place || !isSeen(place, seen)) continue;
    const state = stateOf(task);
    const isMarked = task.id === marked;
    context.fillStyle = isReadable ? paint.card : paint.states[state];
    context.strokeStyle = isMarked || task.onCriticalPath ? paint.busy : paint.line;
    context.lineWidth = isMarked ? 4 : task.onCriticalPath ? 2.5 : 1;
    context.beginPath();
    if (isReadable) context.roundRect(place.x, place.y, BOX.width, BOX.height, 6);
    else context.rect(place.x, place.y, BOX.width, BOX.height);
    context.fill();
    context.stroke();
    if (!isReadable) continue;
    context.fillStyle = paint.states[state];
    context.translate(place.x + 9, place.y + 8);
    context.fill(SIGNS[state]);
    context.translate(-place.x - 9, -place.y - 8);
    context.fillText(LOOKS[state].word, place.x + 26, place.y + 14.5);
    context.fillStyle = paint.soft;
    context.textAlign = 'right';
    context.fillText(task.id, place.x + BOX.width - 9, place.y + 14.5);
    context.textAlign = 'left';
    context.fillStyle = paint.text;
    context.fillText(cut(visible(task.title)), place.x + 9, place.y + 31);
  }
}

type Seen = Readonly<Record<'left' | 'right' | 'top' | 'bottom', number>>;

/** All edges of a style are one path: thousands of strokes would be the whole frame. */
function drawEdges(
  context: CanvasRenderingContext2D,
  { view, layout, colour }: Pick<Scene, 'view' | 'layout' | 'colour'>,
  seen: Seen,
): void {
  const critical = new Set(
    view.tasks.flatMap(({ id, onCriticalPath }) => (onCriticalPath ? [String(id)] : [])),
  );
  const styles = { hard: [], soft: [6, 4], ordering: [2, 4], resource: [2, 4] } as const;
  for (const type of Object.keys(styles) as (keyof typeof styles)[])
    for (const isCritical of [false, true]) {
      context.beginPath();
      for (const edge of view.edges) {
        if (edge.type !== type) continue;
        if ((critical.has(edge.from) && critical.has(edge.to)) !== isCritical) continue;
        const from = layout.places.get(edge.from);
        const to = layout.places.get(edge.to);
        if (from && to) trace(context, from, to, seen);
      }
      context.setLineDash([...styles[type]]);
      context.strokeStyle = isCritical ? colour('--vigil-busy') : colour('--vigil-soft');
      context.globalAlpha = isCritical ? 1 : 0.45;
      context.lineWidth = isCritical ? 2.5 : 1;
      context.stroke();
    }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function trace(context: CanvasRenderingContext2D, from: Place, to: Place, seen: Seen): void {
  const [startX, startY] = [from.x + BOX.width, from.y + BOX.height / 2];
  const [endX, endY] = [to.x, to.y + BOX.height / 2];
  if (Math.max(startX, endX) < seen.left || Math.min(startX, endX) > seen.right) return;
  if (Math.max(startY, endY) < seen.top || Math.min(startY, endY) > seen.bottom) return;
  const middle = (startX + endX) / 2;
  context.moveTo(startX, startY);
  context.bezierCurveTo(middle, startY, middle, endY, endX, endY);
}

function isSeen({ x, y }: Place, seen: Seen): boolean {
  return (
    x + BOX.width > seen.left && x < seen.right && y + BOX.height > seen.top && y < seen.bottom
  );
}

function cut(title: string): string {
  return title.length <= TITLE_CHARS ? title : `${title.slice(0, TITLE_CHARS - 1)}…`;
}
