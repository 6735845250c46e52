import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests wait for facts; these bounds only end one that hangs, also on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The user's own git settings have no say in what the tests see.
    env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  },
});
