import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MALLOC, NODE_FLAGS } from '../../../electron/client/launch.ts';

test.each(['bin/vigil.js', 'build/app/vigil'])('%s starts a node as the app does', (file) => {
  const text = readFileSync(file, 'utf8');
  const variables = Object.entries(MALLOC).map(([name, value]) => `${name}=${value}`);
  expect(text).toContain(variables.join(' '));
  for (const flag of NODE_FLAGS) expect(text).toContain(flag);
  expect(text.match(/MALLOC_\w+=\d+/g)).toHaveLength(variables.length);
});
