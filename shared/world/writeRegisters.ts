import type { TaskRegisters } from '../model/registers.ts';

/** What is to be written of an entity; its writer, place and clock are added where it is written. */
export interface RegisterWrite {
  readonly name: string;
  readonly value: unknown;
}

/** The register of an attempt: of the node that works on it, or of the home that could not merge it. */
export function attemptName(number: number, node: string): string {
  return `attempt.${number}.${node}`;
}

/** The registers that changed between two states of a task; all of them for one that was not there before. */
export function writesOf(previous: TaskRegisters | null, task: TaskRegisters): RegisterWrite[] {
  const writes: RegisterWrite[] = [];
  const put = (name: string, value: unknown) => writes.push({ name, value });
  if (task.spec !== previous?.spec) put('spec', task.spec);
  const links = previous?.addedDependencies.length ?? 0;
  task.addedDependencies.slice(links).forEach((dependency, index) => {
    put(`link.${links + index + 1}`, dependency);
  });
  for (const attempt of task.attempts) {
    const before = previous?.attempts.find(
      ({ number, node }) => number === attempt.number && node === attempt.node,
    );
    if (attempt !== before) put(attemptName(attempt.number, attempt.node), attempt);
  }
  const { assignment, abandoned, merge, quality, verdict, cancelled, failed, split } = task;
  const single = { assignment, abandoned, merge, quality, verdict, cancelled, failed, split };
  for (const [name, value] of Object.entries(single)) {
    const before = previous ? previous[name as keyof typeof single] : null;
    if (value !== (before ?? null) && value !== undefined) put(name, value);
  }
  const granted = task.grantedAttempts;
  if (granted !== (previous?.grantedAttempts ?? 0)) put('granted', granted);
  return writes;
}
