import path from 'node:path';
import { commandEnvironment } from '../command/environment.ts';

/** Settings of the user's own that would send an agent elsewhere than to the gateway, or let it act unasked. */
const OF_AGENTS =
  /^(ANTHROPIC|CLAUDE|OPENAI|CODEX|OPENCODE|QWEN|DASHSCOPE|GEMINI|GOOGLE|VERTEX|GOOSE|AWS|AZURE|BEDROCK|OPENROUTER|XDG)_|^(BASH_ENV|ENV|PROMPT_COMMAND|IS_SANDBOX)$/;

/**
 * The environment of an agent: a scrubbed one, with a home of its own and none of the user's settings
 * of agents and model providers.
 */
export function agentEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  home: string,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const clean = Object.fromEntries(Object.entries(from).filter(([name]) => !OF_AGENTS.test(name)));
  return commandEnvironment(clean, {
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_DATA_HOME: path.join(home, '.local/share'),
    XDG_STATE_HOME: path.join(home, '.local/state'),
    XDG_CACHE_HOME: path.join(home, '.cache'),
    ...extra,
  });
}
