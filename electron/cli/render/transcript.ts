import { bytes, count } from '../../../shared/explain/format.ts';
import type { TranscriptSearchView } from '../../../shared/model/agentApi.ts';
import type { Entry } from '../../execute/agent/parseTranscript.ts';
import { paragraph } from './blocks.ts';
import type { Look, Paint } from './look.ts';
import { moment } from './moment.ts';
import { clean, cleanLines } from './text.ts';

/** A transcript as a person reads it: who said what, what was done, what was allowed. */
export function renderTranscript(entries: readonly Entry[], look: Look): string[] {
  if (entries.length === 0) return ['  Nothing was recorded.'];
  return merged(entries).flatMap((entry) => lines(entry, look));
}

/** Where transcripts hold a text, and whether that is all. */
export function renderTranscriptHits({ hits, cut }: TranscriptSearchView, look: Look): string[] {
  const { bold, dim, yellow } = look.colours;
  return [
    ...hits.flatMap(({ task, attempt, role, atMs, kind, excerpt }) => [
      `${dim(moment(atMs, look.nowMs))}  ${bold(`${task} attempt ${attempt}, ${role}`)}  ${clean(kind)}`,
      ...paragraph(excerpt, look),
    ]),
    ...(hits.length === 0 ? ['Nothing was found.'] : []),
    ...(cut === null ? [] : [yellow(cutText(cut, hits.length))]),
  ];
}

function cutText(cut: NonNullable<TranscriptSearchView['cut']>, found: number): string {
  switch (cut) {
    case 'hits':
      return `Shown are the newest ${count(found, 'place')}; there may be more. Name a task, or more of the text.`;
    case 'bytes':
      return 'Older transcripts were not read: there are too many for one search. Name a task.';
    case 'time':
      return 'Older transcripts were not read: it took too long. Name a task.';
  }
}

/** A tool call is told again whenever it moves on: only where it ended is shown, at its first place. */
function merged(entries: readonly Entry[]): Entry[] {
  const latest = new Map<string, Entry>();
  for (const entry of entries) {
    const id = toolId(entry);
    if (id !== null) latest.set(id, entry);
  }
  const shown = new Set<string>();
  return entries.flatMap((entry) => {
    const id = toolId(entry);
    if (id === null) return [entry];
    if (shown.has(id)) return [];
    shown.add(id);
    return [{ ...(latest.get(id) ?? entry), at: entry.at }];
  });
}

function toolId(entry: Entry): string | null {
  const id = entry['id'];
  return entry.kind === 'tool' && typeof id === 'string' ? id : null;
}

function lines(entry: Entry, look: Look): string[] {
  const { colours } = look;
  const { bold, dim, cyan, red, green, yellow } = colours;
  const time = entry.at === undefined ? '' : `${dim(moment(entry.at, look.nowMs))}  `;
  const head = (label: string, text: string, paint: Paint = bold) =>
    `${time}${paint(label)}${text === '' ? '' : `  ${clean(text)}`}`;
  const below = (text: string, paint: Paint = (same) => same) =>
    cleanLines(text.trimEnd()).map((line) => (line === '' ? '' : `    ${paint(line)}`));
  switch (entry.kind) {
    case 'start':
      return [head(entry.resumed === true ? 'resumed' : 'started', entry.agent ?? '')];
    case 'prompt':
      return [head('told', '', cyan), ...below(entry.text ?? '')];
    case 'message':
      return [head('said', ''), ...below(entry.text ?? '')];
    case 'thought':
      return [head('thought', '', dim), ...below(entry.text ?? '', dim)];
    case 'tool': {
      const failed = entry.status === 'failed';
      return [head(failed ? 'failed' : 'did', actText(entry), failed ? red : bold)];
    }
    case 'permission': {
      const allowed = entry.answer === 'allow';
      const words = {
        allow: 'allowed',
        deny: 'denied',
        ask: 'asked a person',
        cancelled: 'cancelled',
      };
      const label =
        Object.entries(words).find(([answer]) => answer === entry.answer)?.[1] ?? 'asked';
      return [
        head(
          label,
          `${actText(entry)}${entry.reason === undefined || entry.reason === '' ? '' : `: ${entry.reason}`}`,
          allowed ? green : yellow,
        ),
      ];
    }
    case 'plan':
      return [
        head('plans', ''),
        ...(entry.entries ?? []).flatMap(({ content, status }) =>
          below(`${status === 'completed' ? '✓' : '·'} ${clean(content)}`),
        ),
      ];
    case 'mode':
      return [head('mode', entry.mode ?? '', dim)];
    case 'noise':
      return [head('printed', '', dim), ...below(entry.text ?? '', dim)];
    case 'end':
      return [
        head(
          entry.outcome ?? 'ended',
          entry.detail ?? '',
          entry.outcome === 'ended' ? bold : yellow,
        ),
      ];
    case 'gap':
      return [dim(`  … ${bytes(entry.bytes ?? 0)} left out …`)];
    default:
      return [head(clean(entry.kind), entry.text ?? entry.title ?? '', dim)];
  }
}

function actText({ title, tool, command, paths }: Entry): string {
  const name = title ?? tool ?? '';
  const more = command ?? (paths ?? []).join(', ');
  return more === '' || name.includes(more) ? name : `${name} (${more})`;
}
