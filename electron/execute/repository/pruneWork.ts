import type { TaskId } from '../../../shared/model/ids.ts';
import type { ProjectClone } from './clone.ts';
import { git, gitLine } from './git.ts';
import { parseSentRef, SENT_REFS } from './sentWork.ts';

/** A command of `update-ref`'s input takes a moment under the lock of packed refs: others want in between. */
const AT_ONCE = 500;

/**
 * Lets go of what other nodes sent for tasks that are no longer open, and of whatever else they put there.
 * Results that were adopted stay under the refs of their attempts. Returns how many refs went.
 */
export async function pruneWork(
  { repository }: ProjectClone,
  isOpen: (task: TaskId) => boolean,
): Promise<number> {
  const refs = await gitLine(repository, ['for-each-ref', '--format=%(refname)', SENT_REFS]);
  const ended = refs.split('\n').filter((ref) => {
    const sent = parseSentRef(ref);
    return ref !== '' && (sent === null || !isOpen(sent.task));
  });
  for (let i = 0; i < ended.length; i += AT_ONCE) {
    const input = ended.slice(i, i + AT_ONCE).map((ref) => `delete ${ref}\n`);
    await git(repository, ['update-ref', '--stdin'], { input: input.join('') });
  }
  return ended.length;
}
