import { createInterface } from 'node:readline/promises';
import { VigilError } from '../../shared/model/errors.ts';

/**
 * Asks for a yes on the terminal, on standard error so that standard output stays what the command prints.
 * Throws `misuse` where nobody can be asked, and when the answer is anything else than yes.
 */
export async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new VigilError(
      'misuse',
      'this can not be undone, and there is no terminal on which you could be asked',
      'Say so on the command line: --yes.',
    );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-D is no answer.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed]);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw new VigilError('misuse', 'there was no yes', 'Nothing was changed.');
}
