import type { SenseSource } from './reading.ts';

/**
 * The senses of this machine; `home` is on the disk that counts. Only what this system needs is loaded:
 * systeminformation is large, and Linux does without it.
 */
export async function machineSenses(home: string): Promise<SenseSource> {
  switch (process.platform) {
    case 'linux':
      return new (await import('./linux.ts')).LinuxSource(home);
    case 'darwin':
      return new (await import('./macos.ts')).MacosSource(home);
    default:
      return new (await import('./general.ts')).GeneralSource(home);
  }
}
