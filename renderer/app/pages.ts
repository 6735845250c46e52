import { lazy } from 'react';

/** The code of each page, by the first part of its address. */
const CODE = {
  '': () => import('../pages/overview/Overview.tsx'),
  queue: () => import('../pages/queue/Queue.tsx'),
  tasks: () => import('../pages/task/TaskPage.tsx'),
  start: () => import('../pages/start/Start.tsx'),
  approvals: () => import('../pages/approvals/Approvals.tsx'),
  graph: () => import('../pages/graph/Graph.tsx'),
  nodes: () => import('../pages/nodes/Nodes.tsx'),
  decisions: () => import('../pages/decisions/Decisions.tsx'),
  costs: () => import('../pages/costs/Costs.tsx'),
  insights: () => import('../pages/insights/Insights.tsx'),
  settings: () => import('../pages/settings/Settings.tsx'),
} as const;

/** The two things that the page can be, each without the other: the popover is to be there at once. */
const ROOTS = {
  app: () => import('./App.tsx').then((module) => ({ default: module.App })),
  popover: () => import('../pages/popover/Popover.tsx'),
};

export const App = lazy(ROOTS.app);
export const Popover = lazy(ROOTS.popover);
export const Overview = lazy(CODE['']);
export const Queue = lazy(CODE.queue);
export const TaskPage = lazy(CODE.tasks);
export const Start = lazy(CODE.start);
export const Approvals = lazy(CODE.approvals);
export const Graph = lazy(CODE.graph);
export const Nodes = lazy(CODE.nodes);
export const Decisions = lazy(CODE.decisions);
export const Costs = lazy(CODE.costs);
export const Insights = lazy(CODE.insights);
export const Settings = lazy(CODE.settings);

/** Fetches the code of the page that is opened before anything is known of the node. */
export function loadAhead(): void {
  const [, first = ''] = location.pathname.split('/');
  const code = Object.entries(CODE).find(([name]) => name === first)?.[1];
  const loads = first === 'popover' ? [ROOTS.popover] : [ROOTS.app, ...(code ? [code] : [])];
  // One that fails is tried again, and told of, when it is shown.
  for (const load of loads) load().catch(() => undefined);
}
