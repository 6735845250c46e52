import type { EventView } from '../../shared/model/eventApi.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { follow, Progress, renderProgress } from './render/progress.ts';
import type { Session } from './session.ts';

/** How often the updating line looks at the clock. Only while something runs and only on a terminal. */
const REFRESH_MS = 1000;

export interface Watch {
  event(event: EventView): void;
  /** Names of tasks that were added before the watching began. */
  know(tasks: readonly { readonly id: TaskId; readonly title: string }[]): void;
  end(): void;
}

/** Prints what happens as it happens; prints nothing with `--json`. */
export function openWatch(session: Session): Watch {
  const { terminal } = session;
  const progress = new Progress();
  let timer: NodeJS.Timeout | null = null;
  const stopTimer = () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  const refresh = () => {
    const line = renderProgress(progress, terminal.look());
    terminal.progress(line);
    if (line === null) stopTimer();
    else if (terminal.isTTY) timer ??= setInterval(refresh, REFRESH_MS);
  };
  if (session.json) return { event: () => {}, know: () => {}, end: () => {} };
  return {
    event: (event) => {
      const line = follow(progress, event, terminal.look());
      if (line !== null) terminal.print([line]);
      refresh();
    },
    know: (tasks) => {
      for (const { id, title } of tasks) progress.know(id, title);
    },
    end: () => {
      stopTimer();
      terminal.progress(null);
    },
  };
}
