import { VigilError } from '../../../shared/model/errors.ts';
import type { CommitId, TaskId } from '../../../shared/model/ids.ts';
import { git } from '../repository/git.ts';
import type { MechanicResult, MechanicWorkspace } from './mechanicWorkspace.ts';

/**
 * Takes the changes of a merged task back out of the tree. Throws `conflict` where later work builds on
 * them: then a person has to say what is to become of that.
 */
export async function revertTask(
  { task, commit }: { readonly task: TaskId; readonly commit: CommitId },
  { root }: MechanicWorkspace,
): Promise<MechanicResult> {
  const { exitCode } = await git(root, ['revert', '--no-commit', commit], { allowExit: [1] });
  if (exitCode !== 0) {
    const { stdout } = await git(root, ['diff', '--name-only', '-z', '--diff-filter=U']);
    const files = stdout.split('\0').filter((file) => file !== '');
    throw new VigilError(
      'conflict',
      `Later work builds on what ${task} changed: ${files.join(', ') || 'it can’t be taken out'}.`,
      'Undo that work first, or write a task that says what should become of it.',
    );
  }
  const { exitCode: differs } = await git(root, ['diff', '--cached', '--quiet'], {
    allowExit: [1],
  });
  return differs === 0
    ? { nothing: `nothing of ${task} is left in the tree` }
    : { summary: `Took the changes of ${task} back` };
}
