import { Center, Loader } from '@mantine/core';
import { Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { ApiFailure } from '../api/client.ts';
import { useConnection } from '../api/context.tsx';
import { useStatus } from '../api/queries.ts';
import { Notice } from '../parts/Notice.tsx';
import { Frame } from './Frame.tsx';
import * as Pages from './pages.ts';

/** The dashboard: every page has an address. */
export function App() {
  const status = useStatus();
  const connection = useConnection();
  const { error } = status;
  if (error instanceof ApiFailure && error.status === 401)
    return <Notice title={error.message}>{error.help}</Notice>;
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
