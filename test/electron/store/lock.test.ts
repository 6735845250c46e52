import { once } from 'node:events';
import { expect, test } from 'vitest';
import { lockHome } from '../../../electron/store/lock.ts';
import { errorOf, startFixture, tempHome } from './helpers.ts';

test('a second node on a home is told who has it; when the first is killed it may have it', async () => {
  const home = tempHome();
  const holder = startFixture('holdHome.ts', home);
  await once(holder.stdout, 'data');
  const error = await errorOf(() => lockHome(home));
  expect(error.code).toBe('home-in-use');
  expect(error.message).toContain(`${holder.pid}`);
  expect(error.message).toContain('http://127.0.0.1:4123');

  holder.kill('SIGKILL');
  await once(holder, 'close');
  const lock = lockHome(home);
  // What the dead holder said of itself is not told of the new one.
  const again = await errorOf(() => lockHome(home));
  expect(again.message).toContain(`${process.pid}`);
  expect(again.message).not.toContain('4123');
  lock.release();
});

test('a released home can be taken again, and releasing twice does no harm', () => {
  const home = tempHome();
  const first = lockHome(home);
  first.release();
  first.release();
  lockHome(home).release();
});
