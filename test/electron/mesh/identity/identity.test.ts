import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSignedBy, openIdentity } from '../../../../electron/mesh/identity/identity.ts';
import { systemMachineId } from '../../../../electron/mesh/identity/machine.ts';
import { errorOf, tempHome } from '../helpers.ts';

const here = () => Promise.resolve('machine-1');
const elsewhere = () => Promise.resolve('machine-2');

describe('the identity of a node', () => {
  test('is made once and kept, readable by its user only', async () => {
    const home = tempHome();
    const first = await openIdentity(home, here);
    expect((await openIdentity(home, here)).device).toBe(first.device);
    expect((await openIdentity(tempHome(), here)).device).not.toBe(first.device);
    expect(statSync(join(home, 'mesh', 'identity.pem')).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'mesh')).mode & 0o777).toBe(0o700);
  });

  test('of a home that was copied to another machine is refused, with both ways out', async () => {
    const home = tempHome();
    await openIdentity(home, here);
    const error = await errorOf(openIdentity(home, elsewhere));
    expect(error.code).toBe('home-copied');
    expect(error.message).toMatch(/belongs to another machine/);
    await openIdentity(home, here);
  });

  test('says nothing about the machine but a hash', async () => {
    const home = tempHome();
    await openIdentity(home, here);
    expect(readFileSync(join(home, 'mesh', 'machine'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  });

  test('works where the system has no machine id, and where it has one', async () => {
    const home = tempHome();
    await openIdentity(home, () => Promise.resolve(null));
    await openIdentity(home, systemMachineId);
    await openIdentity(home, systemMachineId);
  });

  test('that is damaged is named, not replaced', async () => {
    const home = tempHome();
    const path = join(home, 'mesh', 'identity.pem');
    await openIdentity(home, here);
    const whole = readFileSync(path, 'utf8');
    for (const damaged of ['', whole.slice(0, 200), whole.replace(/M/g, 'N')]) {
      writeFileSync(path, damaged);
      expect(await errorOf(openIdentity(home, here))).toMatchObject({ code: 'store-corrupt' });
      expect(readFileSync(path, 'utf8')).toBe(damaged);
    }
  });

  test('signs for one purpose, one value and one key', async () => {
    const [one, other] = await Promise.all([openIdentity(tempHome()), openIdentity(tempHome())]);
    const signature = one.sign('approval', { task: 'T-1', answer: 'yes' });
    const reordered = { answer: 'yes', task: 'T-1' };
    expect(isSignedBy(one.publicKey, 'approval', reordered, signature)).toBe(true);
    expect(isSignedBy(one.publicKey, 'policy', reordered, signature)).toBe(false);
    expect(isSignedBy(other.publicKey, 'approval', reordered, signature)).toBe(false);
    expect(isSignedBy(one.publicKey, 'approval', { ...reordered, task: 'T-2' }, signature)).toBe(
      false,
    );
    expect(isSignedBy('rubbish', 'approval', reordered, 'rubbish')).toBe(false);
  });
});
