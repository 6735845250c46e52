import type { GitAddress } from '../../../shared/model/gitAddress.ts';
import type { ProjectClone } from './clone.ts';
import { sentRef, type SentWork } from './sentWork.ts';
import { FETCH, transfer } from './transfer.ts';

/**
 * Sends work of this node to another node's clone: the home, or any other for safe keeping (X8). The
 * receiver needs nothing but this; only objects that it lacks are sent. May be repeated.
 * @throws VigilError as `transfer`.
 */
export async function pushWork(clone: ProjectClone, to: GitAddress, work: SentWork): Promise<void> {
  await transfer(clone.repository, to, [
    'push',
    '--quiet',
    '--no-verify',
    to.url,
    `+${work.commit}:${sentRef(work)}`,
  ]);
}

/**
 * Fetches work from any node that has it, whoever made it, into the same place to which its maker would have
 * pushed it.
 * @throws VigilError as `transfer`; `not-found` when that node lacks it.
 */
export async function fetchWork(
  clone: ProjectClone,
  from: GitAddress,
  work: SentWork,
): Promise<void> {
  await transfer(clone.repository, from, [...FETCH, from.url, `+${work.commit}:${sentRef(work)}`]);
}
