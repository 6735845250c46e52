import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { AgentRole } from '../../../shared/model/agent.ts';
import { TranscriptSearchView } from '../../../shared/model/agentApi.ts';
import { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { AttemptDiffView, ReviewView } from '../../../shared/model/reviewApi.ts';
import { Status, TaskDetail, TaskSummary } from '../../../shared/model/taskApi.ts';
import { TaskInput } from '../../../shared/model/taskInput.ts';
import { CommitId, ProjectId, TaskId } from '../../../shared/model/ids.ts';
import { MAX_HITS } from '../searchTranscripts.ts';
import type { Services } from '../services.ts';
import { body, json, Reason, whole, WHO } from './shapes.ts';

/** One status, or several with commas between them. */
const Statuses = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(Status).min(1))
  .openapi({ type: 'string', example: 'merged,done' });

const taskParams = z.object({ id: TaskId });

/** Adds what the API offers about tasks, what their attempts left, and reviews of their results. */
export function addTaskRoutes(app: OpenAPIHono, services: Services): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/reviews',
      responses: json(z.object({ reviews: z.array(ReviewView) }), 'Results that wait for a human'),
    }),
    async (c) => c.json({ reviews: await services.reviews.waiting() }, 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tasks',
      request: {
        query: z.object({
          project: ProjectId.optional(),
          status: Statuses.optional(),
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
          tasks: services.tasks.list({
            ...(project ? { project } : {}),
            ...(status ? { statuses: status } : {}),
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
    async (c) => c.json({ tasks: await services.tasks.add(c.req.valid('json').tasks, WHO) }, 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tasks/{id}',
      request: { params: taskParams },
      responses: json(TaskDetail, 'One task'),
    }),
    (c) => c.json(services.tasks.detail(c.req.valid('param').id), 200),
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
      c.json(
        await services.tasks.cancel(c.req.valid('param').id, WHO, c.req.valid('json').reason),
        200,
      ),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/tasks/{id}/retry',
      request: { params: taskParams },
      responses: json(TaskSummary, 'The task'),
    }),
    async (c) => c.json(await services.tasks.retry(c.req.valid('param').id, WHO), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/tasks/{id}/undo',
      request: { params: taskParams },
      responses: json(TaskSummary, 'The task that takes its changes back'),
    }),
    async (c) => c.json(await services.tasks.undo(c.req.valid('param').id, WHO), 200),
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
      c.json(
        await services.tasks.link(c.req.valid('param').id, c.req.valid('json').dependency),
        200,
      ),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tasks/{id}/attempts/{attempt}/diff',
      request: { params: z.object({ id: TaskId, attempt: z.coerce.number().int().positive() }) },
      responses: json(AttemptDiffView, 'What the attempt changed'),
    }),
    async (c) => {
      const { id, attempt } = c.req.valid('param');
      return c.json(await services.attempts.diff(id, attempt), 200);
    },
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
      return c.text(await services.attempts.log(id, attempt, c.req.valid('query').tail));
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
      return c.text(await services.attempts.transcript(id, attempt, c.req.valid('query').role));
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
      return c.json(await services.attempts.search({ text: search, task, limit }), 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/reviews/{id}',
      request: { params: taskParams },
      responses: json(ReviewView, 'One review with its diff'),
    }),
    async (c) => c.json(await services.reviews.one(c.req.valid('param').id), 200),
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
            /** The result that was looked at: the answer is refused when it is another by now. */
            commit: CommitId.optional(),
          }),
        ),
      },
      responses: json(TaskSummary, 'The task after the answer'),
    }),
    async (c) => {
      const { answer, reason, commit } = c.req.valid('json');
      const { id } = c.req.valid('param');
      return c.json(await services.reviews.answer(id, answer, WHO, reason, commit), 200);
    },
  );
}
