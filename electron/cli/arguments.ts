import { InvalidArgumentError } from 'commander';
import { AgentId } from '../../shared/model/agent.ts';
import { ApprovalId, ProjectId, TaskId } from '../../shared/model/ids.ts';

/** A task id as people type it: `T-12`, `t-12` or `12`. */
export function parseTaskId(text: string): TaskId {
  const id = TaskId.safeParse(`T-${text.replace(/^t-/i, '')}`);
  if (id.success) return id.data;
  throw new InvalidArgumentError('A task id looks like T-12.');
}

/** The id of a question as people type it: `A-3`, `a-3` or `3`. */
export function parseApprovalId(text: string): ApprovalId {
  const id = ApprovalId.safeParse(`A-${text.replace(/^a-/i, '')}`);
  if (id.success) return id.data;
  throw new InvalidArgumentError('It looks like A-3; `vigil approvals list` shows them.');
}

/** The names of agents; gathers what is given one after another. */
export function parseAgentIds(text: string, before: readonly AgentId[] = []): AgentId[] {
  const id = AgentId.safeParse(text.toLowerCase());
  if (id.success) return [...before, id.data];
  throw new InvalidArgumentError('`vigil agents` shows their names.');
}

/** A project id; names in upper case are a common slip, so they are taken as meant. */
export function parseProjectId(text: string): ProjectId {
  const id = ProjectId.safeParse(text.toLowerCase());
  if (id.success) return id.data;
  throw new InvalidArgumentError('`vigil project list` shows the ids.');
}

/** A whole number from `least` to `most`. */
export function wholeNumber(
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least && number <= most)
      return number;
    throw new InvalidArgumentError(
      most === Number.MAX_SAFE_INTEGER
        ? `It must be a whole number, at least ${least}.`
        : `It must be a whole number from ${least} to ${most}.`,
    );
  };
}

/** A query string from what is set; empty when nothing is. */
export function query(
  parameters: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const set = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [[name, value === true ? '1' : String(value)]],
  );
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`;
}
