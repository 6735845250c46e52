import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { VigilError } from '../../../shared/model/errors.ts';
import { SAMPLE_FILES } from './sampleFiles.ts';

/**
 * Writes the sample project of `vigil demo` into a new or empty folder and commits it to git: a small
 * time-tracking library with real gaps, no dependencies, and one test that fails from the start.
 * Throws `conflict` when the folder has something in it already.
 */
export async function createSample(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new VigilError(
      'conflict',
      `${folder} is not empty`,
      'Choose another folder, or delete this one.',
    );
  for (const [file, text] of Object.entries(SAMPLE_FILES)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const git = async (...args: string[]): Promise<void> => {
    // The user's own hooks and signing have no business in a sample.
    const fixed = [
      '-c',
      'core.hooksPath=/dev/null',
      '-c',
      'commit.gpgSign=false',
      '-c',
      'user.name=Vigil sample',
      '-c',
      'user.email=sample@vigil.invalid',
    ];
    await promisify(execFile)('git', [...fixed, ...args], { cwd: folder });
  };
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Hourbook: hours in, invoices out');
}
