import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { AgentId, ProviderId } from '../../../shared/model/agent.ts';
import {
  AgentCheckView,
  AgentView,
  ApprovalView,
  BudgetChangeView,
  BudgetView,
  ModelView,
  ProviderCheckView,
  ProviderInput,
  ProviderView,
} from '../../../shared/model/agentApi.ts';
import { ApprovalId } from '../../../shared/model/ids.ts';
import { Budget } from '../../../shared/model/budget.ts';
import type { AgentServices } from '../agentServices.ts';
import { body, json, WHO } from './shapes.ts';

const providerParams = z.object({ id: ProviderId });
const approvalParams = z.object({ id: ApprovalId });

/** Adds what the API offers about agents, models, money and approvals. */
export function addAgentRoutes(app: OpenAPIHono, services: AgentServices): void {
  addAgents(app, services);
  addProviders(app, services);
  addMoney(app, services);
  addApprovals(app, services);
}

function addAgents(app: OpenAPIHono, services: AgentServices): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/agents',
      responses: json(
        z.object({ agents: z.array(AgentView) }),
        'Coding agents of this node: those that are there, and how to get the others',
      ),
    }),
    async (c) => c.json({ agents: await services.agents() }, 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/agents/check',
      request: body(z.strictObject({ agents: z.array(AgentId).min(1).max(100) })),
      responses: json(
        z.object({ checks: z.array(AgentCheckView) }),
        'What a real start of each said',
      ),
    }),
    async (c) => c.json({ checks: await services.checkAgents(c.req.valid('json').agents) }, 200),
  );
}

function addProviders(app: OpenAPIHono, services: AgentServices): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/providers',
      responses: json(z.object({ providers: z.array(ProviderView) }), 'Model providers'),
    }),
    async (c) => c.json({ providers: await services.providers() }, 200),
  );
  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/providers/{id}',
      request: { params: providerParams, ...body(ProviderInput) },
      responses: json(ProviderView, 'The provider, without its key'),
    }),
    async (c) =>
      c.json(await services.setProvider(c.req.valid('param').id, c.req.valid('json')), 200),
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/providers/{id}',
      request: { params: providerParams },
      responses: json(
        z.object({ removed: ProviderId }),
        'It is no longer called, and its key is forgotten',
      ),
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      await services.removeProvider(id);
      return c.json({ removed: id }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/providers/{id}/test',
      request: { params: providerParams },
      responses: json(ProviderCheckView, 'What a real call said'),
    }),
    async (c) => c.json(await services.testProvider(c.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/models',
      responses: json(
        z.object({ models: z.array(ModelView) }),
        'Models with their prices, what they have shown, and how work is routed to them',
      ),
    }),
    (c) => c.json({ models: services.models() }, 200),
  );
}

function addMoney(app: OpenAPIHono, services: AgentServices): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/budget',
      responses: json(BudgetView, 'What was spent, on what, and where every cap stands'),
    }),
    (c) => c.json(services.budget(), 200),
  );
  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/budget',
      request: body(Budget),
      responses: json(BudgetChangeView, 'The caps as they are now; a raise waits for an approval'),
    }),
    async (c) => c.json(await services.setBudget(c.req.valid('json'), WHO), 200),
  );
}

function addApprovals(app: OpenAPIHono, services: AgentServices): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/approvals',
      responses: json(
        z.object({ approvals: z.array(ApprovalView) }),
        'Questions that wait for a human; unanswered means no',
      ),
    }),
    (c) => c.json({ approvals: services.approvals() }, 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/approvals/{id}',
      request: { params: approvalParams },
      responses: json(ApprovalView, 'One question'),
    }),
    (c) => c.json(services.approval(c.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/approvals/{id}',
      request: {
        params: approvalParams,
        ...body(
          z.strictObject({
            answer: z.enum(['approved', 'denied']),
            reason: z.string().max(2_000).default(''),
          }),
        ),
      },
      responses: json(ApprovalView, 'The question that was answered'),
    }),
    async (c) => {
      const { answer, reason } = c.req.valid('json');
      return c.json(
        await services.answerApproval(c.req.valid('param').id, answer, WHO, reason),
        200,
      );
    },
  );
}
