import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  DrainView,
  InvitationView,
  JoinedView,
  LeftView,
  NodeView,
  NodesView,
  RevokedView,
} from '../../../shared/model/meshApi.ts';
import type { MeshServices } from '../mesh/meshServices.ts';
import { body, json, WHO } from './shapes.ts';

/** By its id or its name. */
const nodeParams = z.object({ node: z.string().min(1).max(64) });
/** An invitation is some hundred characters; addresses make it longer. */
const Line = z.strictObject({ line: z.string().min(1).max(16_384) });

/** Adds what the API offers about the mesh. */
export function addMeshRoutes(app: OpenAPIHono, services: MeshServices): void {
  addNodes(app, services);
  addMembership(app, services);
}

function addNodes(app: OpenAPIHono, services: MeshServices): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/nodes',
      responses: json(NodesView, 'Every node of the mesh as it is now, and who leads and why'),
    }),
    (c) => c.json(services.nodes(), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/nodes/{node}',
      request: { params: nodeParams },
      responses: json(NodeView, 'One node, by its id or its name'),
    }),
    (c) => c.json(services.node(c.req.valid('param').node), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/nodes/{node}/drain',
      request: { params: nodeParams, ...body(z.strictObject({ drain: z.boolean() })) },
      responses: json(
        DrainView,
        'It finishes what runs and takes nothing new, or takes work again',
      ),
    }),
    async (c) => {
      const { drain } = c.req.valid('json');
      return c.json(await services.drain(c.req.valid('param').node, drain, WHO), 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/nodes/{node}/revoke',
      request: { params: nodeParams },
      responses: json(RevokedView, 'It is out, for good'),
    }),
    async (c) => c.json(await services.revoke(c.req.valid('param').node, WHO), 200),
  );
}

function addMembership(app: OpenAPIHono, services: MeshServices): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/mesh/invitations',
      responses: json(InvitationView, 'A line that lets one machine in, once, for ten minutes'),
    }),
    async (c) => c.json(await services.invite(), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/mesh/join',
      request: body(Line),
      responses: json(JoinedView, 'This node belongs to the mesh that the line is for'),
    }),
    async (c) => c.json(await services.join(c.req.valid('json').line), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/mesh/leave',
      responses: json(LeftView, 'This node goes on alone with what it has'),
    }),
    async (c) => c.json(await services.leave(WHO), 200),
  );
}
