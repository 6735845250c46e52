import type { Command } from 'commander';
import { ExplanationView } from '../../../shared/model/explanationApi.ts';
import { GraphView, QueueView } from '../../../shared/model/taskApi.ts';
import type { ProjectId, TaskId } from '../../../shared/model/ids.ts';
import { parseProjectId, parseTaskId, query, wholeNumber } from '../arguments.ts';
import { renderExplanation } from '../render/explain.ts';
import { renderDot, renderGraph } from '../render/graph.ts';
import { renderQueue } from '../render/queue.ts';
import { action } from '../session.ts';

export function addGraphCommands(program: Command): void {
  program
    .command('queue')
    .description('show what runs, what is next, and what the rest waits for')
    .option('--at <pos>', 'as it was after the event at this position', wholeNumber(0))
    .option('--project <id>', 'only of this project', parseProjectId)
    .action(
      action(async (session, { at, project }: { at?: number; project?: ProjectId }) => {
        const client = await session.client();
        session.show(
          await client.call('GET', `/v1/queue${query({ at, project })}`, QueueView),
          renderQueue,
        );
      }),
    );
  program
    .command('graph')
    .description('show what waits for what')
    .option('--dot', 'in the language of Graphviz: `vigil graph --dot | dot -Tsvg`')
    .option('--project <id>', 'only of this project', parseProjectId)
    .action(
      action(async (session, { dot, project }: { dot?: boolean; project?: ProjectId }) => {
        const client = await session.client();
        const graph = await client.call('GET', `/v1/graph${query({ project })}`, GraphView);
        session.show(graph, dot === true ? renderDot : renderGraph);
      }),
    );
  program
    .command('explain')
    .description('tell why a task exists, ran, or does not run')
    .argument('<task>', 'task id', parseTaskId)
    .action(
      action(async (session, id: TaskId) => {
        const client = await session.client();
        session.show(
          await client.call('GET', `/v1/tasks/${id}/explain`, ExplanationView),
          renderExplanation,
        );
      }),
    );
}
