import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Input } from '../electron/node/crashWork.ts';

/** A task that appends its title to a file of its own: done twice, it would show. */
export function append(title: string, input: Partial<Input> = {}): Input {
  const file = `out/${title.replaceAll(' ', '-')}.txt`;
  return {
    title,
    run: `mkdir -p out && echo ${title} | tee -a ${file}`,
    scope: [file],
    deliverables: [file],
    ...input,
  };
}

/** Tasks whose commands wait until the test lets them go on. */
export class Gates {
  private readonly folder: string;

  /** `folder` is one that commands see under the same path. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** As `append`, but each attempt waits for its gate. */
  task(title: string, input: Partial<Input> = {}): Input {
    const task = append(title, input);
    const gate = `${this.path(title, '"$VIGIL_ATTEMPT"')}`;
    const all = this.path(title, 'all');
    return {
      ...task,
      run: `while [ ! -e ${gate} -a ! -e ${all} ]; do sleep 0.1; done; ${task.run}`,
    };
  }

  /** Lets one attempt of a task go on, or all of them. */
  open(title: string, attempt: number | 'all' = 'all'): void {
    const gate = this.path(title, String(attempt));
    if (!existsSync(gate)) writeFileSync(gate, '');
  }

  private path(title: string, attempt: string): string {
    return `${path.join(this.folder, `gate-${title.replaceAll(' ', '-')}`)}-${attempt}`;
  }
}
