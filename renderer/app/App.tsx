import { Center, Loader } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { ApiFailure } from '../api/client.ts';
import { useConnection } from '../api/context.tsx';
import { useStatus } from '../api/queries.ts';
import { Notice } from '../parts/Notice.tsx';
import { Frame } from './Frame.tsx';

const Overview = lazy(() => import('../pages/overview/Overview.tsx'));
const Queue = lazy(() => import('../pages/queue/Queue.tsx'));
const TaskPage = lazy(() => import('../pages/task/TaskPage.tsx'));
const Start = lazy(() => import('../pages/start/Start.tsx'));
const Approvals = lazy(() => import('../pages/approvals/Approvals.tsx'));
const Graph = lazy(() => import('../pages/graph/Graph.tsx'));
const Nodes = lazy(() => import('../pages/nodes/Nodes.tsx'));
const Decisions = lazy(() => import('../pages/decisions/Decisions.tsx'));
const Costs = lazy(() => import('../pages/costs/Costs.tsx'));
const Insights = lazy(() => import('../pages/insights/Insights.tsx'));
const Settings = lazy(() => import('../pages/settings/Settings.tsx'));

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
            {status.data.projects.length === 0 ? <Redirect to="/start" /> : <Overview />}
          </Route>
          <Route path="/start" component={Start} />
          <Route path="/queue" component={Queue} />
          <Route path="/tasks/:id" component={TaskPage} />
          <Route path="/approvals" component={Approvals} />
          <Route path="/graph" component={Graph} />
          <Route path="/nodes" component={Nodes} />
          <Route path="/decisions" component={Decisions} />
          <Route path="/costs" component={Costs} />
          <Route path="/insights" component={Insights} />
          <Route path="/settings" component={Settings} />
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
