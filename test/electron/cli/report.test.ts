import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { Look } from '../../../electron/cli/render/look.ts';
import { renderReport } from '../../../electron/cli/render/report.ts';
import { emptyReport } from '../../../shared/explain/report.ts';
import { viewReport } from '../../../shared/explain/reportView.ts';
import type { ReportView } from '../../../shared/model/reportApi.ts';

const look: Look = {
  width: 120,
  colours: pc.createColors(false),
  nowMs: Date.UTC(2026, 10, 21, 12),
  command: 'vigil',
};
const nothing = viewReport(emptyReport(0), { untilMs: 3_600_000, slots: 1 });
const shown = (report: ReportView): string => renderReport(report, look).join('\n');

describe('the report in the terminal', () => {
  it('says nothing of agents and money where there were none', () => {
    expect(shown(nothing)).not.toMatch(/Cost|Agents|\$/);
  });

  it('shows what was paid, for which role, and what has no price', () => {
    const row = { usd: 3, unpricedCalls: 0, calls: 2, tokens: 1_500, share: 0.75 };
    const local = { usd: null, unpricedCalls: 1, calls: 1, tokens: 7, share: null };
    const text = shown({
      ...nothing,
      cost: {
        ...nothing.cost,
        usd: 4,
        unpricedCalls: 1,
        calls: 5,
        tokens: 1_600,
        perTaskUsd: 2,
        byRole: [
          { role: 'writer', ...row },
          { role: null, ...local },
        ],
      },
    });
    expect(text).toMatch(/all +\$4\.00 and 1 call not paid in dollars, 5 calls, 1\.6k tokens/);
    expect(text).toMatch(/per task +\$2\.00/);
    expect(text).not.toContain('per merged change');
    expect(text).toMatch(/writer +\$3\.00 +75 % +2 +1\.5k/);
    expect(text).toMatch(/engine, no role +not paid in dollars +1 +7/);
  });

  it('shows what tests first and healing were worth', () => {
    const text = shown({
      ...nothing,
      agents: {
        tasks: 4,
        firstAttemptSuccess: 0.5,
        withTestsFirst: { tasks: 4, firstAttemptSuccess: 0.5 },
        withoutTestsFirst: { tasks: 0, firstAttemptSuccess: null },
        afterHealing: 1,
        heals: [{ rung: 'retry', tried: 2, worked: 1 }],
      },
    });
    expect(text).toMatch(/with tests first +50 % of 4 tasks/);
    expect(text).not.toMatch(/without/);
    expect(text).toMatch(/merged after a failure +100 %/);
    expect(text).toMatch(/what helped +retry 1 of 2/);
  });
});
