import { setFlagsFromString } from 'node:v8';
import { z } from 'zod';
import { ProjectView } from '../../shared/model/projectApi.ts';
import { StatusView } from '../../shared/model/statusApi.ts';
import { TaskSummary } from '../../shared/model/taskApi.ts';
import { clientOver, type Client } from './client.ts';
import { runningNode } from '../client/runningNode.ts';
import { aborted, untilInterrupted } from './interrupt.ts';
import { MemoryAtRest } from './memoryAtRest.ts';
import { renderStory } from './render/story.ts';
import type { Session } from './session.ts';
import { openWatch, type Watch } from './watch.ts';

export interface RunOptions {
  readonly port?: number;
  /** End when nothing is left to do, instead of staying until Ctrl-C. */
  readonly once?: boolean;
  /** Sum up when the work is through. */
  readonly story: boolean;
  /** Run by a service manager, whose log others may read: the token stays out of it. */
  readonly service?: boolean;
}

/**
 * What V8 allocates, as a share of what lives, before it collects. By itself it waits for several times as much,
 * and a node that had worked through 2,000 tasks held 340–390 MB where this leaves 170–220, at no loss of time.
 */
const HEAP_GROWTH_PERCENT = 30;
/** Quiet for so long, a node that another process runs is asked whether it is through. */
const SETTLE_MS = 500;

const Tasks = z.object({ tasks: z.array(TaskSummary) });
const Projects = z.object({ projects: z.array(ProjectView) });

/**
 * Runs a node in this process, or joins the one that runs on this home already; has `prepare` add
 * what is to be worked on; shows progress until Ctrl-C, or with `once` until nothing is left to do.
 */
export async function runNode(
  session: Session,
  options: RunOptions,
  prepare: (client: Client) => Promise<void>,
): Promise<void> {
  const running = await runningNode(session.home);
  if (running !== null) {
    const client = clientOver(running.url, running.token, (request) => fetch(request));
    const page = `${running.url}/#token=${running.token}`;
    await untilInterrupted((signal) => join(session, options, client, page, prepare, signal));
    return;
  }
  await untilInterrupted((signal) => own(session, options, prepare, signal));
}

async function own(
  session: Session,
  options: RunOptions,
  prepare: (client: Client) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  // What V8 gives back later lies between what lives on, and no page of it returns to the system.
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
  const memory = new MemoryAtRest(() => node.freeMemory());
  const watch = openWatch(session);
  const broken = Promise.withResolvers<never>();
  const { startNode } = await import('../node/startNode.ts');
  const node = await startNode({
    home: session.home,
    ...(options.port === undefined ? {} : { port: options.port }),
    onEvent: (event) => {
      memory.worked();
      watch.event(event);
    },
    onKnownTask: (task) => watch.know([task]),
    onFailure: broken.reject,
  });
  const client = clientOver(node.url, node.token, (request) => node.fetch(request));
  const work = async () => {
    const [page, how] =
      options.service === true
        ? [node.url, '`vigil service status` prints the link with its token.']
        : [node.pageUrl, 'Ctrl-C stops the node; what it did is kept.'];
    await begin(session, client, watch, page, how);
    await Promise.race([prepare(client), aborted(signal)]);
    await Promise.race([node.idle(), aborted(signal)]);
    watch.end();
    if (!signal.aborted) await finish(session, options, client, node.pageUrl);
    if (options.once !== true) await aborted(signal);
  };
  try {
    await Promise.race([work(), broken.promise]);
  } catch (error) {
    watch.end();
    // The first error says why; that a node without a disk can't close its log adds nothing.
    await node.stop('it could not go on').catch(() => undefined);
    watch.end();
    throw error;
  }
  watch.end();
  if (signal.aborted && !session.json) session.terminal.print(['Stopping…']);
  await node.stop(signal.aborted ? 'the user stopped it' : 'the work is through');
  // What ended while it stopped was shown as well, and the updating line may run again.
  watch.end();
}

async function join(
  session: Session,
  options: RunOptions,
  client: Client,
  page: string,
  prepare: (client: Client) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const watch = openWatch(session);
  const following = new AbortController();
  signal.addEventListener('abort', () => following.abort(), { once: true });
  try {
    const how = `A node runs already${elsewhere(page, options.port)}; joined it. Ctrl-C leaves it running.`;
    const { seq } = await begin(session, client, watch, page, how);
    let touch = () => {};
    const events = (async () => {
      for await (const event of client.stream(seq, following.signal)) {
        watch.event(event);
        touch();
      }
    })();
    await prepare(client);
    const through = settled(client, (again) => (touch = again), following.signal);
    await Promise.race([events, through]);
    watch.end();
    if (!signal.aborted) await finish(session, options, client, page);
    if (options.once === true) following.abort();
    await events;
  } finally {
    following.abort();
    watch.end();
  }
}

/** Says that the wanted port is not the one in use: a running node keeps its own. */
function elsewhere(page: string, wanted: number | undefined): string {
  const own = Number(new URL(page).port);
  return wanted === undefined || wanted === 0 || wanted === own
    ? ''
    : ` on port ${own}, not ${wanted}`;
}

/** Says where the page is, and learns the names of the tasks that are there. */
async function begin(
  session: Session,
  client: Client,
  watch: Watch,
  page: string,
  how: string,
): Promise<StatusView> {
  const status = await client.call('GET', '/v1/status', StatusView);
  const { tasks } = await client.call('GET', '/v1/tasks', Tasks);
  watch.know(tasks);
  if (session.json) session.terminal.print([JSON.stringify(status)]);
  else {
    const { bold, cyan, dim } = session.terminal.look().colours;
    session.terminal.print([
      `${bold('Vigil')} ${dim(`${status.version}, home ${status.home}`)}`,
      `Page: ${cyan(page)}`,
      dim(how),
      '',
    ]);
  }
  return status;
}

/** Sums up, and with `once` makes the exit code say whether the work was stopped by a limit. */
async function finish(
  session: Session,
  options: RunOptions,
  client: Client,
  page: string,
): Promise<void> {
  const status = await client.call('GET', '/v1/status', StatusView);
  if (options.once === true && status.state === 'parked') process.exitCode = 1;
  if (session.json) {
    if (options.once === true) session.terminal.print([JSON.stringify(status)]);
    return;
  }
  const { terminal } = session;
  if (!options.story) {
    const { open, review } = status.counts;
    const waits = open + review > 0 ? ` ${status.summary}` : '';
    terminal.print([`Nothing is left to do now.${waits}`]);
    return;
  }
  const { tasks } = await client.call('GET', '/v1/tasks?all=1', Tasks);
  const { projects } = await client.call('GET', '/v1/projects', Projects);
  terminal.print(renderStory({ status, projects, tasks }, terminal.look()));
  if (options.once !== true) {
    terminal.print([
      '',
      `The page: ${page}`,
      'The node goes on watching. Use the commands above in a second terminal; Ctrl-C stops it.',
    ]);
  }
}

/** Resolves when a node of another process has been quiet for a while and says that it is not working. */
function settled(
  client: Client,
  onTouch: (again: () => void) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer = setTimeout(ask, SETTLE_MS);
    onTouch(() => {
      clearTimeout(timer);
      timer = setTimeout(ask, SETTLE_MS);
    });
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
    function ask() {
      client.call('GET', '/v1/status', StatusView).then(({ state }) => {
        // Still working: the next event asks again.
        if (state !== 'working') resolve();
      }, reject);
    }
  });
}
