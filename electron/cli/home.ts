import { resolve } from 'node:path';
import { defaultHome } from '../client/runningNode.ts';

/** The folder of the node that is meant: `--home`, else `VIGIL_HOME`, else the platform's data folder. */
export function homeFolder(option: string | undefined): string {
  return option === undefined ? defaultHome() : resolve(option);
}
