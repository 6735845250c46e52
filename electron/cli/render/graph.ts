import { count, duration } from '../../../shared/explain/format.ts';
import type { GraphView } from '../../../shared/model/taskApi.ts';
import type { Look } from './look.ts';
import { statusPaint } from './tasks.ts';
import { clean, cut } from './text.ts';

type Node = GraphView['tasks'][number];
type Edge = GraphView['edges'][number];

/** The graph as a tree: under each task what waits for it. A task with several parents is drawn once. */
export function renderGraph(graph: GraphView, look: Look): string[] {
  if (graph.tasks.length === 0) return ['The graph is empty: no task is open.'];
  const nodes = new Map<string, Node>(graph.tasks.map((task) => [task.id, task]));
  const below = new Map<string, Edge[]>();
  const needs = new Map<string, string[]>();
  const hasParent = new Set<string>();
  for (const edge of graph.edges) {
    if (nodes.has(edge.from) && edge.type !== 'resource') {
      append(below, edge.from, edge);
      hasParent.add(edge.to);
    } else {
      append(needs, edge.to, clean(edge.label || edge.from));
    }
  }
  const drawn = new Set<string>();
  const lines: string[] = [];
  const draw = (id: string, lead: string, branch: string, how: string) => {
    const node = nodes.get(id);
    if (node === undefined) return;
    const again = drawn.has(id);
    drawn.add(id);
    lines.push(
      lead +
        branch +
        describe(
          node,
          how,
          again ? [] : (needs.get(id) ?? []),
          again,
          look,
          lead.length + branch.length,
        ),
    );
    if (again) return;
    const next = below.get(id) ?? [];
    const inner = lead + (branch === '' ? '' : branch.startsWith('└') ? '   ' : '│  ');
    next.forEach((edge, index) =>
      draw(
        edge.to,
        inner,
        index === next.length - 1 ? '└─ ' : '├─ ',
        edge.type === 'hard' ? edge.label : edge.type,
      ),
    );
  };
  for (const task of graph.tasks) if (!hasParent.has(task.id)) draw(task.id, '', '', '');
  // Whatever no root leads to: only a broken graph has such tasks, and they must not vanish.
  for (const task of graph.tasks) if (!drawn.has(task.id)) draw(task.id, '', '', '');
  return [
    ...lines,
    '',
    look.colours.dim(
      `${count(graph.tasks.length, 'task')}, critical path ${duration(graph.criticalPathMs)} (★)`,
    ),
  ];
}

function describe(
  node: Node,
  how: string,
  needs: string[],
  again: boolean,
  look: Look,
  indent: number,
): string {
  const { colours } = look;
  const extra = [
    how === '' ? [] : [clean(how)],
    needs.length === 0 ? [] : [`needs ${needs.join(', ')}`],
  ].flat();
  const tail = again
    ? ' (see above)'
    : ` (${[node.status, duration(node.estimateMs), ...extra].join(', ')})`;
  const star = node.onCriticalPath ? '★ ' : '';
  const room = look.width - indent - star.length - node.id.length - 1;
  const title = cut(clean(node.title), Math.max(8, room - tail.length));
  const shownTail = cut(tail, Math.max(0, room - title.length));
  return `${colours.yellow(star)}${statusPaint(node.status, look)(node.id)} ${title}${colours.dim(shownTail)}`;
}

function append<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

const DOT_COLOURS: Record<Node['status'], string> = {
  open: '#8a8f98',
  assigned: '#2f6fde',
  running: '#2f6fde',
  verifying: '#2f6fde',
  review: '#b7791f',
  merging: '#2f6fde',
  merged: '#2f855a',
  done: '#2f855a',
  rejected: '#c53030',
  cancelled: '#8a8f98',
  failed: '#c53030',
  split: '#8a8f98',
};

/** The graph in Graphviz's DOT language: `vigil graph --dot | dot -Tsvg > graph.svg`. */
export function renderDot(graph: GraphView): string[] {
  const known = new Set<string>(graph.tasks.map((task) => task.id));
  const others = [
    ...new Set(graph.edges.map((edge) => edge.from).filter((from) => !known.has(from))),
  ];
  return [
    'digraph vigil {',
    '  rankdir=LR;',
    '  node [shape=box, style=rounded, fontname="Helvetica"];',
    ...graph.tasks.map(
      (task) =>
        `  ${quote(task.id)} [label=${quote(`${task.id} ${clean(task.title)}\n${task.status}, ${duration(task.estimateMs)}`)}, color=${quote(DOT_COLOURS[task.status])}${task.onCriticalPath ? ', penwidth=2' : ''}];`,
    ),
    ...others.map((other) => `  ${quote(other)} [shape=note, style=solid];`),
    ...graph.edges.map(
      (edge) =>
        `  ${quote(edge.from)} -> ${quote(edge.to)} [label=${quote(clean(edge.label))}, style=${edge.type === 'hard' ? 'solid' : edge.type === 'resource' ? 'dotted' : 'dashed'}${edge.type === 'resource' ? ', dir=none' : ''}];`,
    ),
    '}',
  ];
}

/** A quoted DOT string; a line break becomes the escape `\n` that DOT draws as one. */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
