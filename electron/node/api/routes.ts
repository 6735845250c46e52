import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import {
  DoctorView,
  EventView,
  ExplanationView,
  GraphView,
  ProjectView,
  QueueView,
  ReportView,
  ReviewView,
  Status,
  StatusView,
  TaskDetail,
  TaskInput,
  TaskSummary,
  TranscriptSearchView,
} from '../../../shared/model/api.ts';
import { AgentRole } from '../../../shared/model/agent.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { CommitId, ProjectId, TaskId } from '../../../shared/model/ids.ts';
import type { Services } from '../services.ts';
import { addAgentRoutes } from './agentRoutes.ts';
import { MAX_HITS } from '../searchTranscripts.ts';
import { errorReply } from './errors.ts';
import { addMeshRoutes } from './meshRoutes.ts';
import { body, json, WHO } from './shapes.ts';

const taskParams = z.object({ id: TaskId });
const projectParams = z.object({ id: ProjectId });
const whole = z.coerce.number().int().min(0);
const Reason = z.strictObject({ reason: z.string().max(2_000).default('') });

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
  addMeshRoutes(app, services.mesh);
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
      path: '/v1/projects',
      responses: json(z.object({ projects: z.array(ProjectView) }), 'Every project'),
    }),
    async (c) => c.json({ projects: await services.projects() }, 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/reviews',
      responses: json(z.object({ reviews: z.array(ReviewView) }), 'Results that wait for a human'),
    }),
    async (c) => c.json({ reviews: await services.reviews() }, 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/projects',
      request: body(z.strictObject({ path: z.string().min(1) })),
      responses: json(ProjectView, 'The project'),
    }),
    async (c) => c.json(await services.addProject(c.req.valid('json').path), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/projects/{id}',
      request: { params: projectParams },
      responses: json(ProjectView, 'The project'),
    }),
    async (c) => c.json(await services.project(c.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/projects/{id}/home',
      request: { params: projectParams, ...body(z.strictObject({ path: z.string().min(1) })) },
      responses: json(ProjectView, 'The project, whose home is this node now'),
    }),
    async (c) =>
      c.json(await services.takeHome(c.req.valid('param').id, c.req.valid('json').path), 200),
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/projects/{id}',
      request: { params: projectParams },
      responses: json(
        z.object({ removed: ProjectId }),
        'It is no longer worked on; the repository is untouched',
      ),
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      await services.removeProject(id);
      return c.json({ removed: id }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/projects/{id}/promote',
      request: { params: projectParams },
      responses: json(
        z.object({ branch: z.string(), from: CommitId, to: CommitId, commits: z.number().int() }),
        'The branch after the fast-forward',
      ),
    }),
    async (c) => c.json(await services.promote(c.req.valid('param').id, WHO), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tasks',
      request: {
        query: z.object({
          project: ProjectId.optional(),
          status: Status.optional(),
          all: z.enum(['0', '1']).optional(),
          limit: whole.optional(),
        }),
      },
      responses: json(
        z.object({ tasks: z.array(TaskSummary) }),
        'Open tasks, and with all=1 those that ended',
      ),
    }),
    (c) => {
      const { project, status, all, limit } = c.req.valid('query');
      return c.json(
        {
          tasks: services.tasks({
            ...(project ? { project } : {}),
            ...(status ? { statuses: [status] } : {}),
            ...(limit === undefined ? {} : { limit }),
            all: all === '1',
          }),
        },
        200,
      );
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/tasks',
      request: body(z.strictObject({ tasks: z.array(TaskInput).max(10_000) })),
      responses: json(z.object({ tasks: z.array(TaskSummary) }), 'The tasks as added: all or none'),
    }),
    async (c) => c.json({ tasks: await services.addTasks(c.req.valid('json').tasks, WHO) }, 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tasks/{id}',
      request: { params: taskParams },
      responses: json(TaskDetail, 'One task'),
    }),
    (c) => c.json(services.task(c.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tasks/{id}/explain',
      request: { params: taskParams },
      responses: json(ExplanationView, 'The story of the task, from its events'),
    }),
    async (c) => c.json(await services.explain(c.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/tasks/{id}/cancel',
      request: { params: taskParams, ...body(Reason) },
      responses: json(TaskSummary, 'The task'),
    }),
    async (c) =>
      c.json(await services.cancel(c.req.valid('param').id, WHO, c.req.valid('json').reason), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/tasks/{id}/retry',
      request: { params: taskParams },
      responses: json(TaskSummary, 'The task'),
    }),
    async (c) => c.json(await services.retry(c.req.valid('param').id, WHO), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/tasks/{id}/dependencies',
      request: {
        params: taskParams,
        ...body(z.strictObject({ dependency: TaskInput.shape.dependencies.unwrap().element })),
      },
      responses: json(TaskDetail, 'The task with the new edge'),
    }),
    async (c) =>
      c.json(await services.link(c.req.valid('param').id, c.req.valid('json').dependency), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tasks/{id}/attempts/{attempt}/log',
      request: {
        params: z.object({ id: TaskId, attempt: z.coerce.number().int().positive() }),
        query: z.object({ tail: whole.optional() }),
      },
      responses: {
        200: {
          description: 'Output of the attempt',
          content: { 'text/plain': { schema: z.string() } },
        },
      },
    }),
    async (c) => {
      const { id, attempt } = c.req.valid('param');
      return c.text(await services.attemptLog(id, attempt, c.req.valid('query').tail));
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tasks/{id}/attempts/{attempt}/transcript',
      request: {
        params: z.object({ id: TaskId, attempt: z.coerce.number().int().positive() }),
        query: z.object({ role: AgentRole.default('writer') }),
      },
      responses: {
        200: {
          description: 'What an agent was told, thought, said and did, as JSON lines',
          content: { 'text/plain': { schema: z.string() } },
        },
      },
    }),
    async (c) => {
      const { id, attempt } = c.req.valid('param');
      return c.text(await services.transcript(id, attempt, c.req.valid('query').role));
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/transcripts',
      request: {
        query: z.object({
          search: z.string().trim().min(1).max(200),
          task: TaskId.optional(),
          limit: z.coerce.number().int().min(1).max(MAX_HITS).default(50),
        }),
      },
      responses: json(
        TranscriptSearchView,
        'Where what agents were told, thought, said and did holds a text, newest first',
      ),
    }),
    async (c) => {
      const { search, task = null, limit } = c.req.valid('query');
      return c.json(await services.searchTranscripts({ text: search, task, limit }), 200);
    },
  );

  const viewQuery = z.object({ project: ProjectId.optional(), at: whole.optional() });
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/queue',
      request: { query: viewQuery },
      responses: json(QueueView, 'The queue, now or as it was after event `at`'),
    }),
    (c) => {
      const { project, at } = c.req.valid('query');
      return c.json(services.queue(project, at), 200);
    },
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
      path: '/v1/reviews/{id}',
      request: { params: taskParams },
      responses: json(ReviewView, 'One review with its diff'),
    }),
    async (c) => c.json(await services.review(c.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/reviews/{id}',
      request: {
        params: taskParams,
        ...body(
          z.strictObject({
            answer: z.enum(['approved', 'rejected']),
            reason: z.string().max(2_000).default(''),
          }),
        ),
      },
      responses: json(TaskSummary, 'The task after the answer'),
    }),
    async (c) => {
      const { answer, reason } = c.req.valid('json');
      return c.json(await services.answerReview(c.req.valid('param').id, answer, WHO, reason), 200);
    },
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
