import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';

// Each without the other: the popover is to be there at once.
const App = lazy(() => import('./App.tsx').then((module) => ({ default: module.App })));
const Popover = lazy(() => import('../pages/popover/Popover.tsx'));

/** The dashboard, or what hangs from the icon in the menu bar. */
export function Root() {
  return (
    <Suspense>
      <Switch>
        <Route path="/popover" component={Popover} />
        <Route component={App} />
      </Switch>
    </Suspense>
  );
}
