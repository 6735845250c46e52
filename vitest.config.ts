import { defineConfig } from 'vitest/config';
import { canMakeNetworks } from './test/systemPackages.ts';

const MESH = 'test/mesh/**/*.test.ts';
const NETWORKS = 'test/mesh/network.test.ts';

if (!canMakeNetworks)
  process.stderr.write(`${NETWORKS} is left out: only root on Linux can make networks to fail.\n`);

export default defineConfig({
  test: {
    // Tests wait for facts; these bounds only end one that hangs, also on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The user's own git settings have no say in what the tests see.
    env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    projects: [
      { extends: true, test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: [MESH] } },
      // Each file starts three nodes: one after the other, beside the rest.
      {
        extends: true,
        test: {
          name: 'mesh',
          include: [MESH],
          exclude: canMakeNetworks ? [] : [NETWORKS],
          fileParallelism: false,
          testTimeout: 180_000,
        },
      },
    ],
  },
});
