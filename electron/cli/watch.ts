import type { EventView } from '../../shared/model/api.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { follow, NO_PROGRESS, renderProgress, type Progress } from './render/progress.ts';
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
  let progress: Progress = NO_PROGRESS;
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
      const step = follow(progress, event, terminal.look());
      progress = step.progress;
      if (step.line !== null) terminal.print([step.line]);
      refresh();
    },
    know: (tasks) => {
      const titles = new Map(progress.titles);
      for (const { id, title } of tasks) titles.set(id, title);
      progress = { ...progress, titles };
    },
    end: () => {
      stopTimer();
      terminal.progress(null);
    },
  };
}
