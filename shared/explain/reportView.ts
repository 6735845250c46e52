import type { ReportView } from '../model/reportApi.ts';
import { p75OfType } from '../learn/durations.ts';
import { quantile } from './histogram.ts';
import type { ReportState } from './report.ts';
import { viewAgents } from './reportAgents.ts';
import { viewDuplicates } from './reportDuplicates.ts';
import { viewCost } from './reportCost.ts';

/**
 * The report up to `untilMs`. `slots`: how many tasks all nodes may run at once, by which the busy
 * time is divided; with 0 the utilisation is unknown. `lengthMs`: of the time that was asked for, where
 * the report begins a little before it; the same on all nodes, whenever each is asked. First-attempt success and failures by class
 * leave out interrupted attempts; limits count their hits within the window.
 */
export function viewReport(
  state: ReportState,
  at: { untilMs: number; slots: number; lengthMs?: number },
): ReportView {
  const { untilMs, slots } = at;
  const lengthMs = at.lengthMs ?? Math.max(0, untilMs - state.sinceMs);
  const stillBusyMs = [...state.running.values()]
    .flat()
    .reduce(
      (sum, { startedAtMs }) => sum + Math.max(0, untilMs - Math.max(startedAtMs, state.sinceMs)),
      0,
    );
  const streakEndMs = state.running.size > 0 ? untilMs : (state.streak?.toMs ?? 0);
  const openStreakMs = state.streak ? Math.max(0, streakEndMs - state.streak.fromMs) : 0;
  const { latenciesUs } = state;
  const p99Us = quantile(latenciesUs, 0.99);
  return {
    sinceMs: state.sinceMs,
    untilMs,
    generated: state.generated,
    merged: state.merged,
    done: state.done,
    failed: state.failed,
    rejected: state.rejected,
    attempts: state.attempts,
    firstAttemptSuccess: ratio(state.firstSuccesses, state.firstAttempts),
    meanQuality: ratio(state.qualitySum, state.qualities),
    utilisation:
      slots > 0 && lengthMs > 0
        ? Math.min(1, (state.busyMs + stillBusyMs) / (slots * lengthMs))
        : null,
    duplicates: viewDuplicates(state.duplicates),
    interventions: state.interventions,
    longestStreakMs: Math.max(state.longestStreakMs, openStreakMs),
    decisions: {
      count: latenciesUs.count,
      meanLatencyMs: latenciesUs.count === 0 ? null : latenciesUs.sum / latenciesUs.count / 1000,
      p99LatencyMs: p99Us === null ? null : p99Us / 1000,
    },
    failures: [...state.failures]
      .map(([failureClass, count]) => ({ class: failureClass, count }))
      .sort((a, b) => b.count - a.count || a.class.localeCompare(b.class, 'en')),
    limits: [...state.limits.values()].map((limit) =>
      limit.untilMs !== null && limit.untilMs <= untilMs
        ? { ...limit, reached: false, untilMs: null }
        : limit,
    ),
    byType: [...state.byType]
      .map(([type, tally]) => ({
        type,
        merged: tally.merged,
        failed: tally.failed,
        p75Ms: p75OfType(state.durations, type),
        meanQuality: ratio(tally.qualitySum, tally.qualities),
      }))
      .sort((a, b) => b.merged - a.merged || a.type.localeCompare(b.type, 'en')),
    cost: viewCost(state.cost),
    agents: viewAgents(state.agents),
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
