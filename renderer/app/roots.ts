import { lazy } from 'react';

/** The two things that the page can be, each without the other: the popover is to be there at once. */
export const ROOTS = {
  app: () => import('./App.tsx').then((module) => ({ default: module.App })),
  popover: () => import('../pages/popover/Popover.tsx'),
};

export const App = lazy(ROOTS.app);
export const Popover = lazy(ROOTS.popover);
