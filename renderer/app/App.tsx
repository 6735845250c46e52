import { Center, Loader } from '@mantine/core';
import { Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { ApiFailure } from '../api/client.ts';
import { useConnection } from '../api/context.tsx';
import { useStatus } from '../api/queries.ts';
import { Notice } from '../parts/Notice.tsx';
import { Fault } from './Fault.tsx';
import { Frame } from './Frame.tsx';
import * as Pages from './pages.ts';
import { useReloadForVersion } from './useReloadForVersion.ts';

/** The dashboard: every page has an address. */
export function App() {
  const status = useStatus();
  const connection = useConnection();
  const [location] = useLocation();
  const { error } = status;
  useReloadForVersion(status.data?.version);
  if (error instanceof ApiFailure && error.status === 401)
    return (
      <Notice title="This link is not of this node">
        The token that came with it does not fit: it is of another node, or it was changed. Open the
        page with the link that <code>vigil up</code> printed when this one began.
      </Notice>
    );
  if (!status.data)
    return connection === 'lost' || error ? (
      <Notice title="The node does not answer">
        Start it with <code>vigil up</code>. This page goes on by itself as soon as it is back.
      </Notice>
    ) : (
      <Waiting />
    );
  return (
    <Frame status={status.data} connection={connection}>
      <Fault key={location}>
        <Suspense fallback={<Waiting />}>
          <Switch>
            <Route path="/">
              {status.data.projects.length === 0 ? <Redirect to="/start" /> : <Pages.Overview />}
            </Route>
            <Route path="/start" component={Pages.Start} />
            <Route path="/queue" component={Pages.Queue} />
            <Route path="/tasks/:id" component={Pages.TaskPage} />
            <Route path="/approvals" component={Pages.Approvals} />
            <Route path="/graph" component={Pages.Graph} />
            <Route path="/nodes" component={Pages.Nodes} />
            <Route path="/decisions" component={Pages.Decisions} />
            <Route path="/costs" component={Pages.Costs} />
            <Route path="/insights" component={Pages.Insights} />
            <Route path="/settings" component={Pages.Settings} />
            <Route>
              <Redirect to="/" />
            </Route>
          </Switch>
        </Suspense>
      </Fault>
    </Frame>
  );
}

function Waiting() {
  return (
    <Center mih="60vh">
      <Loader aria-label="Loading" />
    </Center>
  );
}
