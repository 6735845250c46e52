import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  FoundRepositories,
  ProjectInspection,
  ProjectView,
} from '../../../shared/model/projectApi.ts';
import { CommitId, ProjectId } from '../../../shared/model/ids.ts';
import type { Services } from '../services.ts';
import { body, json, WHO } from './shapes.ts';

const projectParams = z.object({ id: ProjectId });

const HomeInput = z.strictObject({
  path: z.string().min(1),
  /** The node that was the home is put out of the mesh, for good. */
  revoke: z.boolean().default(false),
});

/** Adds what the API offers about projects. */
export function addProjectRoutes(app: OpenAPIHono, services: Services): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/projects',
      responses: json(z.object({ projects: z.array(ProjectView) }), 'Every project'),
    }),
    async (c) => c.json({ projects: await services.projects.list() }, 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/projects',
      request: body(z.strictObject({ path: z.string().min(1) })),
      responses: json(ProjectView, 'The project'),
    }),
    async (c) => c.json(await services.projects.add(c.req.valid('json').path), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/projects/inspect',
      request: body(z.strictObject({ path: z.string().min(1) })),
      responses: json(ProjectInspection, 'What is found in the repository; nothing is changed'),
    }),
    async (c) => c.json(await services.projects.inspect(c.req.valid('json').path), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/repositories',
      responses: json(
        FoundRepositories,
        "Git repositories below the user's home; nothing is changed",
      ),
    }),
    async (c) => c.json(await services.projects.findRepositories(), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/projects/{id}',
      request: { params: projectParams },
      responses: json(ProjectView, 'The project'),
    }),
    async (c) => c.json(await services.projects.view(c.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/projects/{id}/home',
      request: { params: projectParams, ...body(HomeInput) },
      responses: json(ProjectView, 'The project, whose home is this node now'),
    }),
    async (c) =>
      c.json(
        await services.projects.takeHome(c.req.valid('param').id, c.req.valid('json'), WHO),
        200,
      ),
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
      await services.projects.remove(id);
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
    async (c) => c.json(await services.projects.promote(c.req.valid('param').id, WHO), 200),
  );
}
