import type { Command } from 'commander';
import { z } from 'zod';
import { BudgetChangeView, BudgetView, ModelView } from '../../../shared/model/agentApi.ts';
import { parseSetting, withSettings, type BudgetSetting } from '../budgetSettings.ts';
import { renderBudget, renderBudgetChange } from '../render/budget.ts';
import { renderModels } from '../render/models.ts';
import { action, type Session } from '../session.ts';

const Models = z.object({ models: z.array(ModelView) });

export function addBudgetCommands(program: Command): void {
  program
    .command('models')
    .description('models: prices, limits, what they have shown, how work is routed')
    .action(
      action(async (session) => {
        const client = await session.client();
        session.show(await client.call('GET', '/v1/models', Models), ({ models }, look) =>
          renderModels(models, look),
        );
      }),
    );
  program
    .command('budget')
    .description('what was spent on what, the caps, and what happens when one is reached')
    .option(
      '--set <cap=value>',
      'change a cap, for example hour.hard=8 or task.tokens=200k (repeatable); a raise waits for your yes',
      (text: string, before: BudgetSetting[] | undefined) => [
        ...(before ?? []),
        parseSetting(text),
      ],
    )
    .action(
      action(async (session, options: { set?: BudgetSetting[] }) => {
        if (options.set !== undefined) await setBudget(session, options.set);
        else {
          const client = await session.client();
          session.show(await client.call('GET', '/v1/budget', BudgetView), renderBudget);
        }
      }),
    );
}

async function setBudget(session: Session, settings: readonly BudgetSetting[]): Promise<void> {
  const client = await session.client();
  const { budget } = await client.call('GET', '/v1/budget', BudgetView);
  const wanted = withSettings(budget, settings);
  const change = await client.call('PUT', '/v1/budget', BudgetChangeView, wanted);
  const caps = [...new Set(settings.map(({ cap }) => cap))];
  session.show(change, (reply, look) => renderBudgetChange(budget, wanted, reply, caps, look));
}
