import { duration, percent } from '../../../shared/explain/format.ts';
import type { ModelView } from '../../../shared/model/agentApi.ts';
import { heading } from './blocks.ts';
import type { Look } from './look.ts';
import { priceText, tokensText } from './money.ts';
import { usd } from '../../../shared/explain/describeAgents.ts';
import { table } from './table.ts';

/** Models with their prices and limits, what they came to, and how work is routed to them. */
export function renderModels(models: readonly ModelView[], look: Look): string[] {
  const { colours } = look;
  if (models.length === 0)
    return ['No models yet. They come with a provider: `vigil providers add anthropic`.'];
  const limit = (tokens: number | null) => (tokens === null ? '' : tokensText(tokens));
  const routes = models
    .flatMap((model) => model.routes.map((route) => ({ ...route, model })))
    .toSorted((a, b) => (a.kind === b.kind ? b.weight - a.weight : a.kind < b.kind ? -1 : 1));
  return [
    ...table(
      models,
      [
        { head: 'model', cell: (model) => model.model, paint: () => colours.bold },
        { head: 'provider', cell: (model) => model.provider },
        {
          head: 'price per million tokens',
          cell: (model) => priceText(model.price, model.billing),
          paint: (model) =>
            model.billing === 'metered' && model.price === null ? colours.red : (text) => text,
        },
        { head: 'context', cell: (model) => limit(model.contextTokens), align: 'right' },
        { head: 'answer', cell: (model) => limit(model.outputTokens), align: 'right' },
        {
          head: 'calls',
          cell: (model) => (model.calls === 0 ? '' : String(model.calls)),
          align: 'right',
        },
        {
          head: 'tokens',
          cell: (model) => (model.calls === 0 ? '' : tokensText(model.tokens)),
          align: 'right',
        },
        { head: 'cost', cell: costText, align: 'right' },
      ],
      look,
    ),
    ...(routes.length === 0
      ? [
          '',
          colours.dim(
            'No work has been routed yet; shares and what models have shown come with it.',
          ),
        ]
      : heading('Shares of the work', look)),
    ...table(
      routes,
      [
        { head: 'work', cell: (route) => route.kind },
        { head: 'agent', cell: (route) => route.agent },
        { head: 'model', cell: ({ model }) => `${model.provider}/${model.model}` },
        {
          head: 'share',
          cell: (route) => percent(route.weight),
          align: 'right',
          paint: () => colours.bold,
        },
        {
          head: 'success',
          cell: (route) => (route.success === null ? '' : percent(route.success)),
          align: 'right',
        },
        {
          head: 'takes',
          cell: (route) => (route.latencyMs === null ? '' : duration(route.latencyMs)),
          align: 'right',
        },
        { head: 'why', cell: (route) => route.why, flexible: true, paint: () => colours.dim },
      ],
      look,
    ),
  ];
}

function costText(model: ModelView): string {
  if (model.calls === 0) return '';
  return model.billing === 'metered' ? usd(model.usd) : 'not paid in dollars';
}
