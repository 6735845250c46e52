import type { ToolKind } from '../../../shared/policy/permission.ts';
import { z } from 'zod';

const Text = z.string().nullish().catch(null);
const Kind = z.enum([
  'read',
  'search',
  'edit',
  'delete',
  'move',
  'execute',
  'think',
  'fetch',
  'switch_mode',
  'other',
]) satisfies z.ZodType<ToolKind>;

/** A tool call, or what is new about one, as agents really send it: all of it may be missing. */
const RawToolCall = z.looseObject({
  toolCallId: z.string(),
  title: Text,
  kind: Kind.nullish().catch('other'),
  status: Text,
  locations: z
    .array(z.looseObject({ path: z.string() }))
    .nullish()
    .catch(null),
  content: z
    .array(z.looseObject({ type: z.string(), path: z.string().optional().catch(undefined) }))
    .nullish()
    .catch(null),
  rawInput: z.record(z.string(), z.unknown()).nullish().catch(null),
});

/** What is known of a tool call so far. */
export interface ToolCall {
  readonly id: string;
  readonly title: string;
  readonly kind: ToolKind;
  readonly status: string;
  /** As the agent wrote them: absolute or relative to its folder. */
  readonly paths: readonly string[];
  readonly command: string | null;
}

/** Names under which agents give the file of a tool: opencode, claude, gemini and qwen, codex. */
const PATH_KEYS = [
  'filePath',
  'file_path',
  'filepath',
  'absolute_path',
  'path',
  'abs_path',
  'notebook_path',
  'old_path',
  'new_path',
  'source',
  'destination',
];
const COMMAND_KEYS = ['command', 'cmd'];

/** Adds what an update says to what was known; null when it is no tool call at all. */
export function readToolCall(value: unknown, known?: ToolCall): ToolCall | null {
  const parsed = RawToolCall.safeParse(value);
  if (!parsed.success) return null;
  const { toolCallId, title, kind, status, locations, content, rawInput } = parsed.data;
  const input = rawInput ?? {};
  const command = COMMAND_KEYS.map((key) => commandText(input[key])).find((text) => text !== null);
  const paths = [
    ...(locations ?? []).map(({ path }) => path),
    ...(content ?? []).flatMap(({ type, path }) => (type === 'diff' && path ? [path] : [])),
    ...PATH_KEYS.flatMap((key) => (typeof input[key] === 'string' ? [input[key]] : [])),
  ];
  const knownCommand = command ?? known?.command ?? null;
  const knownKind = kind ?? known?.kind ?? 'other';
  return {
    id: toolCallId,
    title: title ?? known?.title ?? '',
    // Codex and others leave the kind away where a command says it.
    kind: knownKind === 'other' && knownCommand !== null ? 'execute' : knownKind,
    status: status ?? known?.status ?? 'pending',
    paths: [...new Set([...(known?.paths ?? []), ...paths.filter((path) => path !== '')])],
    command: knownCommand,
  };
}

/** A command is a line, or a list of words; `["bash", "-lc", "LINE"]` is read as its line. */
function commandText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const words = z.array(z.string()).min(1).safeParse(value);
  if (!words.success) return null;
  const [shell, flag, line] = words.data;
  if (words.data.length === 3 && /sh$/.test(shell ?? '') && /^-\w*c$/.test(flag ?? ''))
    return line ?? null;
  return shellLine(words.data);
}

/** Words as a shell line, quoted where they have to be. */
export function shellLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
