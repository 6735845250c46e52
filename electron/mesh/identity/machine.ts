import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VigilError } from '../../../shared/model/errors.ts';
import { readIfThere, writePrivate } from '../privateFile.ts';

/** What the operating system calls this machine, stable over restarts; null when it does not say. */
export type ReadMachineId = () => Promise<string | null>;

const IOREG_TIMEOUT_MS = 5_000;

export const systemMachineId: ReadMachineId = async () => {
  if (process.platform === 'darwin') {
    const { stdout } = await promisify(execFile)(
      '/usr/sbin/ioreg',
      ['-rd1', '-c', 'IOPlatformExpertDevice'],
      { timeout: IOREG_TIMEOUT_MS },
    );
    return /"IOPlatformUUID"\s*=\s*"([^"]+)"/.exec(stdout)?.[1] ?? null;
  }
  const id = readIfThere('/etc/machine-id') ?? readIfThere('/var/lib/dbus/machine-id');
  return id?.trim() || null;
};

/**
 * Binds the home to the machine it is used on first. Two machines with one identity would write one log
 * twice; a copied home must not get that far. Where the system has no machine id, nothing is bound and a
 * copy is found when it connects. Throws `home-copied` on any other machine.
 */
export async function bindToMachine(home: string, readMachineId: ReadMachineId): Promise<void> {
  const machine = await readMachineId();
  if (machine === null) return;
  const path = join(home, 'mesh', 'machine');
  // A hash: machine-id(5) asks not to hand the id itself around, and homes are backed up.
  const bound = createHash('sha256').update(`vigil home\n${machine}`).digest('hex');
  const known = readIfThere(path);
  if (known === null) writePrivate(path, `${bound}\n`);
  else if (known.trim() !== bound)
    throw new VigilError(
      'home-copied',
      `The home ${home} belongs to another machine: it was copied here, and two machines with one identity would overwrite each other's work.`,
      `To make this machine a node of its own, start it on an empty home (--home) and join with a new invitation. If the home was moved here for good and never runs on the old machine again, remove ${path} and start again.`,
    );
}
