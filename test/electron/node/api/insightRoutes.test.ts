import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  DecisionsView,
  InsightView,
  NodeSeriesView,
  SettingsView,
  SpendingView,
} from '../../../../shared/model/insightApi.ts';
import { LiveNode } from '../liveNode.ts';

test('what a node did is told with the figures of its log', async () => {
  const live = await LiveNode.start({ config: { limits: { cyclesPerDay: 0 } } });
  const [task] = await live.add({ title: 'Write b', run: 'echo b > b.txt', scope: ['b.txt'] });
  await live.until(() => live.of('merge.done').length === 1);
  await live.idle();

  const { decisions } = await live.call('GET', '/v1/decisions?limit=100', DecisionsView);
  expect(decisions).toHaveLength(live.of('decision.made').length);
  expect(
    decisions.some(({ candidates }) =>
      candidates.some(
        ({ action, selected }) =>
          selected && action.kind === 'dispatch' && action.task === task?.id,
      ),
    ),
  ).toBe(true);
  const second = decisions[0]?.pos ?? 0;
  const older = await live.call('GET', `/v1/decisions?before=${second}&limit=1`, DecisionsView);
  expect(older.decisions[0]?.pos).toBe(decisions[1]?.pos);

  const insight = await live.call('GET', '/v1/insights?hours=1', InsightView);
  expect(insight.trend.reduce((sum, { merged }) => sum + merged, 0)).toBe(1);
  expect(insight.nodes[0]).toMatchObject({ passed: 1, failed: 0 });
  expect(insight.adapted.map(({ kind }) => kind)).toContain('command command');

  const self = insight.nodes[0]?.node ?? '';
  const series = await live.call('GET', `/v1/nodes/${self}/series`, NodeSeriesView);
  expect(series.felt.length).toBeLessThanOrEqual(1);
  expect(series.running.map(({ count }) => count)).toEqual([1, 0]);

  const month = await live.call('GET', '/v1/spending', SpendingView);
  expect([month.tasks, month.days.every(({ calls }) => calls === 0)]).toEqual([[], true]);
});

test('settings are told with their file, and which of them differ from what holds by default', async () => {
  const live = await LiveNode.start({ config: { limits: { cyclesPerDay: 0 } } });
  writeFileSync(join(live.home, 'config.yaml'), '# changed since: read at the next start\n');
  const { file, exists, settings } = await live.call('GET', '/v1/settings', SettingsView);
  expect([file, exists]).toEqual([join(live.home, 'config.yaml'), true]);
  const of = (path: string) => settings.find((one) => one.path === path);
  expect(of('limits.cyclesPerDay')).toMatchObject({ value: '0', byDefault: '48', changed: true });
  expect(of('limits.attemptsPerTask')).toMatchObject({ value: '5', changed: false });
  expect(settings.some(({ path }) => path.startsWith('agents'))).toBe(false);
});
