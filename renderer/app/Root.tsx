import { Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { App, Popover } from './roots.ts';

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
