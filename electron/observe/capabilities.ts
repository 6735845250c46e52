import { outputOf } from './outputOf.ts';

/** A docker daemon in a virtual machine that has just been started takes seconds to answer. */
const DOCKER_MS = 20_000;

const SYSTEMS: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'macos',
  linux: 'linux',
  win32: 'windows',
};

/**
 * Labels that are true of this machine (M2): its system, its processor, `xcode` and `docker` where they
 * work. Sorted. `cut` ends the asking early.
 */
export async function detectCapabilities(
  platform: NodeJS.Platform = process.platform,
  cut?: AbortSignal,
): Promise<string[]> {
  const [xcode, docker] = await Promise.all([
    platform === 'darwin' ? hasXcode() : false,
    hasDocker(cut),
  ]);
  return [
    SYSTEMS[platform] ?? platform,
    process.arch,
    ...(xcode ? ['xcode'] : []),
    ...(docker ? ['docker'] : []),
  ].sort();
}

/** The command line tools alone answer too, but build no app. */
async function hasXcode(): Promise<boolean> {
  const folder = (await outputOf('xcode-select', ['-p']))?.trim() ?? '';
  return folder !== '' && !folder.endsWith('/CommandLineTools');
}

/** The client alone is not enough: the daemon has to say its version. */
async function hasDocker(cut?: AbortSignal): Promise<boolean> {
  const version = await outputOf(
    'docker',
    ['version', '--format', '{{.Server.Version}}'],
    DOCKER_MS,
    cut,
  );
  return version !== null && /^\d/.test(version.trim());
}
