import { afterAll, onTestFailed } from 'vitest';
import { Fleet } from './fleet.ts';

/** A fleet for the tests of a file, which ends with them. */
export function testFleet(files: Readonly<Record<string, string>> | null = {}): Fleet {
  const fleet = new Fleet(files);
  afterAll(() => fleet.end());
  return fleet;
}

/** Says what the nodes saw when a test fails. */
export function tellOnFailure(fleet: Fleet): void {
  onTestFailed(async () => {
    for (const node of fleet.nodes) {
      const events = await node.events().catch(() => []);
      const rows = events
        .slice(-400)
        .map(({ node: log, seq, text, atMs }) => `  ${atMs % 1000000} ${log} ${seq} ${text}`);
      console.error(`${node.name}:\n${rows.join('\n')}`);
    }
  });
}
