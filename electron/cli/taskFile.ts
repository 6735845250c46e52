import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { z } from 'zod';
import { TaskInput } from '../../shared/model/taskInput.ts';
import { messageOf, VigilError } from '../../shared/model/errors.ts';
import { parseYaml } from '../../shared/model/parseYaml.ts';

const STANDARD_INPUT = '-';

/**
 * The tasks of a file: one task, a list, or a list under `tasks`. YAML reads JSON as well.
 * Throws `not-found` when it can't be read and `invalid-input` with file, line and column otherwise.
 */
export async function readTaskFile(file: string): Promise<TaskInput[]> {
  const name = file === STANDARD_INPUT ? 'standard input' : file;
  const text =
    file === STANDARD_INPUT
      ? await readAll(process.stdin)
      : await readFile(file, 'utf8').catch((error: unknown) => {
          throw new VigilError(
            'not-found',
            `${file} can't be read: ${messageOf(error)}`,
            'Give the path of a task file: `vigil task add -f tasks.yaml`.',
            { cause: error },
          );
        });
  return parseTasks(text, name);
}

/** The tasks of a task file's text; `file` is named in errors. */
function parseTasks(text: string, file: string): TaskInput[] {
  switch (shapeOf(text)) {
    case 'list':
      return parseYaml(z.array(TaskInput).min(1), text, file);
    case 'tasks':
      return parseYaml(z.strictObject({ tasks: z.array(TaskInput).min(1) }), text, file).tasks;
    case 'one':
      return [parseYaml(TaskInput, text, file)];
  }
}

/** Which of the three shapes a file means; a `oneOf` would answer a typo with the errors of all three. */
function shapeOf(text: string): 'list' | 'tasks' | 'one' {
  const body = text.replace(/^\uFEFF/, '').replace(/^(?:\s*#.*\n|\s*---.*\n|\s*\n)*/, '');
  if (/^\s*(?:-\s|\[)/.test(body)) return 'list';
  return /^\s*\{?\s*["']?tasks["']?\s*:/.test(body) ? 'tasks' : 'one';
}
