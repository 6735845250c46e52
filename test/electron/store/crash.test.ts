import { expect, test } from 'vitest';
import { once } from 'node:events';
import { openStore, startFixture, tempHome } from './helpers.ts';

const KILLS = 20;

test('after kill -9 at any moment every acknowledged event is there, in an unbroken chain', async () => {
  const home = tempHome();
  let written = 0;
  for (let round = 0; round < KILLS; round += 1) {
    const child = startFixture('appendForever.ts', home);
    let output = '';
    // Each round dies at another distance from the start, and in another phase of a commit.
    const acknowledgements = 1 + ((round * 53) % 97);
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (part: Buffer) => {
        output += part.toString();
        if (output.split('\n').length > acknowledgements && child.kill('SIGKILL')) resolve();
      });
      child.once('exit', (code) => {
        if (code !== null) reject(new Error(`the writer ended by itself: ${code}`));
      });
    });
    await once(child, 'close');
    // A line that was cut off was never told to anybody.
    const acknowledged = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1));

    const store = openStore(home, null);
    expect(store.head.seq).toBeGreaterThanOrEqual(acknowledged);
    expect(store.verify()).toEqual({ checked: store.head.seq, problem: null });
    expect(store.listTasks()).toHaveLength(store.head.seq);
    expect(acknowledged).toBeGreaterThan(written);
    written = store.head.seq;
    store.close();
  }
}, 60_000);
