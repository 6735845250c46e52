import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  DecisionsView,
  InsightView,
  NodeSeriesView,
  SettingsView,
  SpendingView,
} from '../../../shared/model/insightApi.ts';
import type { InsightServices } from '../insightServices.ts';
import { json, whole } from './shapes.ts';

const hours = z.coerce
  .number()
  .positive()
  .max(24 * 366);

/** Adds what the API tells of how the work goes over time, and of how the node is set. */
export function addInsightRoutes(app: OpenAPIHono, services: InsightServices): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/insights',
      request: { query: z.object({ hours: hours.default(168) }) },
      responses: json(InsightView, 'How the work went in the last hours, and what was learned'),
    }),
    (c) => c.json(services.insights(c.req.valid('query').hours), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/decisions',
      request: {
        query: z.object({ before: whole.optional(), limit: whole.min(1).max(1_000).default(50) }),
      },
      responses: json(
        DecisionsView,
        'Decisions, newest first, with what else could have been done',
      ),
    }),
    (c) => c.json(services.decisions(c.req.valid('query')), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/spending',
      responses: json(SpendingView, 'What was spent this month, by day and by task'),
    }),
    (c) => c.json(services.spending(), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/nodes/{node}/series',
      request: {
        params: z.object({ node: z.string().min(1).max(64) }),
        query: z.object({ hours: hours.default(24) }),
      },
      responses: json(NodeSeriesView, 'What a node took and ran in the last hours'),
    }),
    (c) => c.json(services.nodeSeries(c.req.valid('param').node, c.req.valid('query').hours), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/settings',
      responses: json(SettingsView, 'How the node is set, and in which file'),
    }),
    (c) => c.json(services.settings(), 200),
  );
}
