import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openStore, outputOf, startFixture, tempHome } from './helpers.ts';
import { cancelled } from './samples.ts';

const Said = z.object({ acknowledged: z.number(), flush: z.string(), append: z.string() });

/** Lets the fixture run into the limit and checks what is left, after `makeRoom`. */
async function fill(
  home: string,
  shellPrefix: string | undefined,
  makeRoom: () => void,
): Promise<void> {
  const said = Said.parse(
    JSON.parse(await outputOf(startFixture('fillDisk.ts', home, shellPrefix))),
  );
  expect(said).toMatchObject({ flush: 'disk-full', append: 'disk-full' });
  makeRoom();
  const store = openStore(home, null);
  // The batch that failed is gone as a whole; all before it is there, and the log goes on.
  expect(store.head.seq).toBe(said.acknowledged);
  expect(store.verify()).toEqual({ checked: said.acknowledged, problem: null });
  store.append([cancelled(1)], 1);
  await store.flush();
  expect(store.read({ after: said.acknowledged })).toHaveLength(1);
  store.close();
}

function mountTiny(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return true;
}

describe('a disk that is full', () => {
  test('or a file that may not grow: nothing half-written, and the store says what to do', async () => {
    await fill(tempHome(), 'ulimit -f 1000', () => {});
  });

  // Only root may mount; others meet the same code by a file-size limit that strikes elsewhere.
  test('a file system without room: the same, and it goes on once there is room', async () => {
    const home = join(tempHome(), 'disk');
    mkdirSync(home);
    if (mountTiny(home)) {
      await fill(home, undefined, () => {
        execFileSync('mount', ['-o', 'remount,size=8m', home]);
      });
    } else {
      await fill(home, 'ulimit -f 400', () => {});
    }
  });
});
