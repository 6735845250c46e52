import type { Command } from 'commander';
import { z } from 'zod';
import { EventView } from '../../../shared/model/eventApi.ts';
import { TaskDetail } from '../../../shared/model/taskApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { parseTaskId, query, wholeNumber } from '../arguments.ts';
import type { Client } from '../client.ts';
import { untilInterrupted } from '../interrupt.ts';
import { renderEvents } from '../render/events.ts';
import { cleanLines } from '../render/text.ts';
import { action, type Session } from '../session.ts';

const Events = z.object({ events: z.array(EventView) });

/** How often a log that is being written is read again. A person watches; nothing else waits for it. */
const LOG_EVERY_MS = 400;

interface EventOptions {
  follow?: boolean;
  task?: TaskId;
  type?: string;
  limit: number;
}

export function addEventCommands(program: Command): void {
  program
    .command('events')
    .description('show what happened; --follow goes on as it happens (--json: one event a line)')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--task <task>', 'only of this task', parseTaskId)
    .option('--type <type>', 'only of this type, for example merge.done')
    .option('--limit <n>', 'the latest so many', wholeNumber(1, 10_000), 50)
    .action(action(showEvents));
  program
    .command('log')
    .description("show what a task's attempt printed")
    .argument('<task>', 'task id', parseTaskId)
    .option('--attempt <n>', 'which attempt; the latest when not given', wholeNumber(1))
    .option('-f, --follow', 'go on until the attempt has ended')
    .action(action(showLog));
}

async function showEvents(session: Session, options: EventOptions): Promise<void> {
  const client = await session.client();
  const { follow, task, type, limit } = options;
  const latest = await client.call(
    'GET',
    `/v1/events${query({ task, type, limit, order: 'desc' })}`,
    Events,
  );
  const events = [...latest.events].reverse();
  if (follow !== true) {
    session.show({ events }, (reply, look) =>
      reply.events.length === 0 ? ['No events.'] : renderEvents(reply.events, look),
    );
    return;
  }
  if (!client.online) {
    throw new VigilError(
      'node-unreachable',
      'no node runs on this home, so nothing will happen',
      'Start one with `vigil up`, then follow it.',
    );
  }
  const print = (event: EventView) =>
    session.terminal.print(
      session.json ? [JSON.stringify(event)] : renderEvents([event], session.terminal.look()),
    );
  events.forEach(print);
  // With a filter the newest event shown may be old; the stream then repeats what lies between, and it is filtered again.
  const after = Math.max(0, ...events.map(({ pos }) => pos));
  await untilInterrupted(async (signal) => {
    for await (const event of client.stream(after, signal)) {
      if (
        (task === undefined || event.body['task'] === task) &&
        (type === undefined || event.type === type)
      )
        print(event);
    }
  });
}

async function showLog(
  session: Session,
  id: TaskId,
  options: { attempt?: number; follow?: boolean },
): Promise<void> {
  const client = await session.client();
  const attempt = options.attempt ?? (await latestAttempt(client, id));
  const path = `/v1/tasks/${id}/attempts/${attempt}/log`;
  if (options.follow !== true) {
    const text = await client.text(path);
    session.show({ task: id, attempt, text }, () => cleanLines(text.replace(/\n$/, '')));
    return;
  }
  await untilInterrupted(async (signal) => {
    let shown = '';
    for (;;) {
      // Asked before reading, so that what is written up to the end is read once more.
      const ended = await hasEnded(client, id, attempt);
      const text = await client.text(path);
      // A bounded log drops its beginning; then what is kept is shown again from its start.
      const fresh = text.startsWith(shown) ? text.slice(shown.length) : `…\n${text}`;
      shown = text;
      if (fresh !== '')
        session.terminal.write(
          session.json
            ? `${JSON.stringify({ task: id, attempt, text: fresh })}\n`
            : cleanLines(fresh).join('\n'),
        );
      if (ended || signal.aborted) return;
      await pause(LOG_EVERY_MS, signal);
    }
  });
}

async function latestAttempt(client: Client, id: TaskId): Promise<number> {
  const task = await client.call('GET', `/v1/tasks/${id}`, TaskDetail);
  const latest = task.history.at(-1)?.number;
  if (latest !== undefined) return latest;
  throw new VigilError(
    'not-found',
    `${id} has not been started, so it has printed nothing`,
    `See what it waits for with \`vigil explain ${id}\`.`,
  );
}

async function hasEnded(client: Client, id: TaskId, attempt: number): Promise<boolean> {
  const task = await client.call('GET', `/v1/tasks/${id}`, TaskDetail);
  const one = task.history.find((candidate) => candidate.number === attempt);
  return one !== undefined && one.state.state !== 'running' && one.state.state !== 'verifying';
}

/** Resolves after `ms`, or at once when the signal comes. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
