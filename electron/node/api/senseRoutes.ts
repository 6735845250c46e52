import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { VigilError } from '../../../shared/model/errors.ts';
import { SensesFed, SensesFeed } from '../../../shared/model/senses.ts';
import type { NodeSenses } from '../senses.ts';
import { body, json } from './shapes.ts';

/** Adds what the menu-bar app tells of the machine. `senses` is null where no node runs. */
export function addSenseRoutes(app: OpenAPIHono, senses: Pick<NodeSenses, 'feed'> | null): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/senses',
      request: body(SensesFeed),
      responses: json(SensesFed, 'What another program of this machine knows better of it counts'),
    }),
    (c) => {
      if (senses === null)
        throw new VigilError(
          'conflict',
          'no node runs that could feel its machine',
          'Start one with `vigil up`.',
        );
      const fed = c.req.valid('json');
      return c.json({ keepAwake: senses.feed(fed.senses, fed.ttlMs) }, 200);
    },
  );
}
