import { relative } from '../shared/explain/format.ts';
import type { TaskSummary } from '../shared/model/api.ts';
import type { TaskId } from '../shared/model/ids.ts';

interface Props {
  task: TaskSummary;
  /** Beside the title. */
  note?: string;
  /** Under the title. */
  detail?: string | null;
  /** The present in ms; shows how the task ended and how long before. */
  endedFrom?: number;
  onOpen: (task: TaskId) => void;
}

/** A task in a list; the whole row opens its explanation. */
export function TaskRow({ task, note, detail = null, endedFrom, onOpen }: Props) {
  return (
    <li>
      <button type="button" className="row" onClick={() => onOpen(task.id)}>
        <span className="id">{task.id}</span>
        <span className="title">{task.title}</span>
        {note !== undefined && <span className="note">{note}</span>}
        {endedFrom !== undefined && (
          <span className="note">
            <span className={`badge ${task.status}`}>{task.status}</span>
            {task.endedAtMs !== null && relative(task.endedAtMs, endedFrom)}
          </span>
        )}
        {detail !== null && <span className="detail">{detail}</span>}
      </button>
    </li>
  );
}
