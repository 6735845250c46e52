import {
  IconBinaryTree2,
  IconChartBar,
  IconCoin,
  IconHome,
  IconListDetails,
  IconRoute,
  IconServer2,
  IconSettings,
  IconUserCheck,
  type Icon,
} from '@tabler/icons-react';

export interface Place {
  readonly path: string;
  readonly name: string;
  readonly icon: Icon;
}

/** The pages of the dashboard, in the order in which they are offered. */
export const PLACES: readonly Place[] = [
  { path: '/', name: 'Overview', icon: IconHome },
  { path: '/approvals', name: 'Approvals', icon: IconUserCheck },
  { path: '/queue', name: 'Queue', icon: IconListDetails },
  { path: '/graph', name: 'Graph', icon: IconBinaryTree2 },
  { path: '/nodes', name: 'Nodes', icon: IconServer2 },
  { path: '/decisions', name: 'Decisions', icon: IconRoute },
  { path: '/costs', name: 'Costs', icon: IconCoin },
  { path: '/insights', name: 'Insights', icon: IconChartBar },
  { path: '/settings', name: 'Settings', icon: IconSettings },
];
