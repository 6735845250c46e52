import { Option, type Command } from 'commander';
import { z } from 'zod';
import { Status, TaskDetail, TaskSummary } from '../../../shared/model/taskApi.ts';
import type { TaskInput } from '../../../shared/model/taskInput.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { ProjectId, TaskId } from '../../../shared/model/ids.ts';
import { parseProjectId, parseTaskId, query } from '../arguments.ts';
import { renderAdded, renderTask, renderTasks } from '../render/tasks.ts';
import { action, type Session } from '../session.ts';

const Tasks = z.object({ tasks: z.array(TaskSummary) });

export function addTaskCommands(program: Command): void {
  const task = program.command('task').description('the tasks, and work of your own');
  task
    .command('add')
    .description('add the tasks of a YAML or JSON file')
    .requiredOption('-f, --file <file>', 'one task, a list, or `tasks:`; - reads standard input')
    .option('--project <id>', 'the project of tasks that name none', parseProjectId)
    .action(
      action(async (session, options: { file: string; project?: ProjectId }) => {
        const { readTaskFile } = await import('../taskFile.ts');
        const tasks = await readTaskFile(options.file);
        const client = await session.client();
        const filled = tasks.map((one) => ({
          ...(options.project === undefined ? {} : { project: options.project }),
          ...one,
        }));
        const reply = await client.call('POST', '/v1/tasks', Tasks, { tasks: filled });
        session.show(reply, (added, look) => renderAdded(added.tasks, look));
      }),
    );
  task
    .command('list')
    .description('list open tasks')
    .option('--all', 'also those that have ended')
    .option('--project <id>', 'only of this project', parseProjectId)
    .addOption(new Option('--status <status>', 'only with this status').choices(Status.options))
    .action(
      action(async (session, options: { all?: boolean; project?: ProjectId; status?: string }) => {
        const client = await session.client();
        const { project, status, all } = options;
        const path = `/v1/tasks${query({ project, status, all })}`;
        const reply = await client.call('GET', path, Tasks);
        session.show(reply, ({ tasks }, look) => renderTasks(tasks, look));
      }),
    );
  task
    .command('show')
    .description('show a task as it was written')
    .argument('<task>', 'task id', parseTaskId)
    .action(action(showTask));
  task
    .command('cancel')
    .description('end a task; a running attempt is stopped')
    .argument('<task>', 'task id', parseTaskId)
    .option('--reason <text>', 'why, for the log', 'asked to')
    .action(
      action(async (session, id: TaskId, options: { reason: string }) => {
        await (
          await session.client()
        ).call('POST', `/v1/tasks/${id}/cancel`, z.unknown(), { reason: options.reason });
        await showTask(session, id);
      }),
    );
  task
    .command('retry')
    .description('give a failed task more attempts')
    .argument('<task>', 'task id', parseTaskId)
    .action(
      action(async (session, id: TaskId) => {
        await (await session.client()).call('POST', `/v1/tasks/${id}/retry`, z.unknown(), {});
        await showTask(session, id);
      }),
    );
  task
    .command('undo')
    .description("add a task that takes a merged one's changes back")
    .argument('<task>', 'task id', parseTaskId)
    .action(
      action(async (session, id: TaskId) => {
        const client = await session.client();
        const undo = await client.call('POST', `/v1/tasks/${id}/undo`, TaskSummary, {});
        await showTask(session, undo.id);
      }),
    );
  task
    .command('depend')
    .description('add a dependency to a task that has not started')
    .argument('<task>', 'task id', parseTaskId)
    .option('--after <task>', 'start after that one has ended', parseTaskId)
    .option('--artifact <path>', 'start when this file exists in the integrated tree')
    .option('--resource <name>', 'never run beside another task that names it')
    .option(
      '--soft <task>',
      'wait for that one, or for --timeout, then follow --fallback',
      parseTaskId,
    )
    .option('--timeout <minutes>', 'how long a soft dependency waits', Number)
    .option('--fallback <text>', 'what to do when it timed out')
    .action(
      action(async (session, id: TaskId, options: DependencyOptions) => {
        const client = await session.client();
        const body = { dependency: dependencyFrom(options) };
        session.show(
          await client.call('POST', `/v1/tasks/${id}/dependencies`, TaskDetail, body),
          renderTask,
        );
      }),
    );
}

async function showTask(session: Session, id: TaskId): Promise<void> {
  const client = await session.client();
  session.show(await client.call('GET', `/v1/tasks/${id}`, TaskDetail), renderTask);
}

interface DependencyOptions {
  after?: TaskId;
  artifact?: string;
  resource?: string;
  soft?: TaskId;
  timeout?: number;
  fallback?: string;
}

/** The one dependency that the options describe; throws `misuse` for none or several. */
function dependencyFrom(options: DependencyOptions): TaskInput['dependencies'][number] {
  const { after, artifact, resource, soft, timeout, fallback } = options;
  const named = [after, artifact, resource, soft].filter((one) => one !== undefined);
  if (named.length !== 1) {
    throw new VigilError(
      'misuse',
      named.length === 0 ? 'no dependency was named' : 'only one dependency can be added at a time',
      'Give one of --after T-…, --artifact PATH, --resource NAME, --soft T-… --fallback TEXT.',
    );
  }
  if (after !== undefined) return { type: 'ordering', task: after };
  if (artifact !== undefined) return { type: 'hard', artifact };
  if (resource !== undefined) return { type: 'resource', resource };
  if (soft !== undefined && fallback !== undefined && (timeout === undefined || timeout > 0)) {
    return { type: 'soft', task: soft, fallback, timeoutMinutes: timeout ?? 120 };
  }
  throw new VigilError(
    'misuse',
    'a soft dependency needs to know what to do without the other task',
    'Add --fallback "what to do then", and --timeout MINUTES (more than 0; 120 when not given).',
  );
}
