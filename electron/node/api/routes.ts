import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { EventView } from '../../../shared/model/eventApi.ts';
import { ReportView } from '../../../shared/model/reportApi.ts';
import { DoctorView, StatusView } from '../../../shared/model/statusApi.ts';
import { GraphView, QueueView } from '../../../shared/model/taskApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { ProjectId, TaskId } from '../../../shared/model/ids.ts';
import type { Services } from '../services.ts';
import { addAgentRoutes } from './agentRoutes.ts';
import { errorReply } from './errors.ts';
import { addInsightRoutes } from './insightRoutes.ts';
import { addNoticeRoutes } from './noticeRoutes.ts';
import { addMeshRoutes } from './meshRoutes.ts';
import { addProjectRoutes } from './projectRoutes.ts';
import { body, json, Reason, whole, WHO } from './shapes.ts';
import { addSenseRoutes } from './senseRoutes.ts';
import { addTaskRoutes } from './taskRoutes.ts';

const queueQuery = z.object({
  project: ProjectId.optional(),
  at: whole.optional(),
  limit: whole.optional(),
  text: z.string().max(200).optional(),
});

/** The local API over the node's services: paths, schemas and nothing else. Version 1 is stable. */
export function apiRoutes(services: Services): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
      throw new VigilError(
        'invalid-input',
        `${where}${issue?.message ?? 'the request is malformed'}`,
        'The API is described at /v1/openapi.json.',
      );
    },
  });
  app.onError(errorReply);
  addAgentRoutes(app, services.agents);
  addInsightRoutes(app, services.insight);
  addMeshRoutes(app, services.mesh);
  addNoticeRoutes(app, services.notices);
  addProjectRoutes(app, services);
  addSenseRoutes(app, services.senses);
  addTaskRoutes(app, services);
  app.notFound((context) =>
    errorReply(
      new VigilError(
        'not-found',
        `there is no ${context.req.path}`,
        'The API is described at /v1/openapi.json.',
      ),
      context,
    ),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/status',
      responses: json(StatusView, 'The node at a glance'),
    }),
    (c) => c.json(services.status(), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/doctor',
      responses: json(DoctorView, 'Checks of everything the node stands on'),
    }),
    async (c) => c.json(await services.doctor(), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/queue',
      request: { query: queueQuery },
      responses: json(QueueView, 'The queue, now or as it was after event `at`'),
    }),
    (c) => c.json(services.queue(c.req.valid('query')), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/graph',
      request: { query: z.object({ project: ProjectId.optional() }) },
      responses: json(GraphView, 'Open tasks and their dependencies'),
    }),
    (c) => c.json(services.graph(c.req.valid('query').project), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/events',
      request: {
        query: z.object({
          after: whole.optional(),
          before: whole.optional(),
          limit: whole.max(10_000).default(200),
          task: TaskId.optional(),
          type: z.string().optional(),
          order: z.enum(['asc', 'desc']).default('asc'),
        }),
      },
      responses: json(z.object({ events: z.array(EventView) }), 'Events of the log'),
    }),
    (c) => c.json({ events: services.events(c.req.valid('query')) }, 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/pause',
      request: body(Reason),
      responses: json(StatusView, 'The node after it'),
    }),
    async (c) => c.json(await services.pause(WHO, c.req.valid('json').reason), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/resume',
      responses: json(StatusView, 'The node after it'),
    }),
    async (c) => c.json(await services.resume(WHO), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/report',
      request: {
        query: z.object({
          hours: z.coerce
            .number()
            .positive()
            .max(24 * 366)
            .default(24),
        }),
      },
      responses: json(ReportView, 'What was done in the last hours'),
    }),
    (c) => c.json(services.report(c.req.valid('query').hours), 200),
  );
  app.doc31('/v1/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Vigil',
      version: '1',
      description: 'The local API of a Vigil node. Loopback only; bearer token.',
    },
  });
  return app;
}
