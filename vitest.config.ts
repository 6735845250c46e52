import { defineConfig } from 'vitest/config';
import { canMakeNetworks } from './test/systemPackages.ts';

const MESH = 'test/mesh/**/*.test.ts';
/** They make networks and disks that fail, and clocks that jump. */
const FOR_ROOT = ['network', 'machine', 'mainJob', 'badInput'].map(
  (name) => `test/mesh/${name}.test.ts`,
);

if (!canMakeNetworks)
  process.stderr.write(`${FOR_ROOT.join(' and ')} are left out: they need root on Linux.\n`);

export default defineConfig({
  test: {
    // Tests wait for facts; these bounds only end one that hangs, also on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real processes on a shared machine: one unlucky moment is told (below), not a red build.
    retry: process.env['CI'] === undefined ? 0 : 1,
    reporters: ['default', './test/secondTries.ts'],
    // The user's own git settings have no say in what the tests see.
    env: {
      ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
      // Nor does their desktop hear of what nodes in tests ask.
      ...{ DBUS_SESSION_BUS_ADDRESS: 'none:', DBUS_SYSTEM_BUS_ADDRESS: 'none:' },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          // Most of them wait for processes and not for the processor.
          maxWorkers: 2,
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', MESH],
        },
      },
      // Each file starts three nodes: one after the other, beside the rest.
      {
        extends: true,
        test: {
          name: 'mesh',
          include: [MESH],
          exclude: canMakeNetworks ? [] : FOR_ROOT,
          fileParallelism: false,
          testTimeout: 180_000,
        },
      },
    ],
  },
});
