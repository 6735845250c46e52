import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  NoticeId,
  NoticeSettingsInput,
  NoticeSettingsView,
  NoticeShown,
  NoticesView,
  NoticeTestView,
  ShellState,
} from '../../../shared/model/notice.ts';
import type { NoticeServices } from '../noticeServices.ts';
import { body, json, WHO } from './shapes.ts';

const params = z.object({ id: NoticeId });

/** Adds what the API offers about telling a human. */
export function addNoticeRoutes(app: OpenAPIHono, services: NoticeServices): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/notices',
      responses: json(NoticesView, 'What a human should know of now, most urgent first'),
    }),
    (c) => c.json(services.open(), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/shell',
      request: body(ShellState),
      responses: json(NoticesView, 'What the shell is to show on this machine now'),
    }),
    (c) => c.json(services.shell(c.req.valid('json')), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/notices/{id}/shown',
      request: { params, ...body(NoticeShown) },
      responses: json(NoticesView, 'What is open'),
    }),
    (c) => c.json(services.shown(c.req.valid('param').id, c.req.valid('json')), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/notices/{id}/dismiss',
      request: { params },
      responses: json(NoticesView, 'What is open after it'),
    }),
    async (c) => c.json(await services.dismiss(c.req.valid('param').id, WHO), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/notice-settings',
      responses: json(NoticeSettingsView, 'How a human is told on this machine'),
    }),
    async (c) => c.json(await services.settings(), 200),
  );
  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/notice-settings',
      request: body(NoticeSettingsInput),
      responses: json(NoticeSettingsView, 'The settings as they are now'),
    }),
    async (c) => c.json(await services.setSettings(c.req.valid('json')), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/notice-settings/test',
      responses: json(NoticeTestView, 'What became of a test on each channel'),
    }),
    async (c) => c.json(await services.test(), 200),
  );
}
