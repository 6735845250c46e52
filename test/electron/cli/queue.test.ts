import pc from 'picocolors';
import { expect, test } from 'vitest';
import { renderQueue } from '../../../electron/cli/render/queue.ts';
import { displayWidth } from '../../../electron/cli/render/text.ts';
import { QueueView } from '../../../shared/model/taskApi.ts';

const text = 'it waits for T-1 (Handle a missing configuration file with a clear message)';
const until = 'T-1 is merged';
const queue = QueueView.parse({
  seq: 7,
  running: [],
  ready: [],
  review: [],
  waiting: [
    {
      id: 'T-2',
      project: 'app',
      title: 'Document every option of the configuration file',
      type: 'docs',
      executor: 'agent',
      status: 'open',
      attempts: 0,
      risk: 'low',
      createdAtMs: 0,
      endedAtMs: null,
      commit: null,
      quality: null,
      waiting: { kind: 'artifact', text, until, untilMs: null, task: 'T-1' },
      failure: null,
    },
  ],
  totals: { running: 0, ready: 0, review: 0, waiting: 1 },
});

test.each([40, 60, 80, 120, Infinity])(
  'why a task waits is readable in a terminal of %s columns',
  (width) => {
    const colours = pc.createColors(false);
    const lines = renderQueue(queue, { width, colours, nowMs: 0, command: 'vigil' });
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    const words = lines.join(' ').replace(/\s+/g, ' ');
    if (width === 120)
      expect(lines.some((line) => /T-2 .* it waits for T-1 /.test(line))).toBe(true);
    else expect(words).toContain(text);
    expect(words).toContain(until);
  },
);
