import type { ToolCall } from './reply.ts';
import type { SeenRequest, SeenTool } from './seenRequest.ts';

const PATH_KEYS = ['filePath', 'file_path', 'absolute_path', 'path'];
const COMMAND_KEYS = ['cmd', 'command'];

/**
 * The call that writes a file with the tools that the request carries: a tool of writing (opencode,
 * claude, gemini, qwen) or a shell (codex). Only keys that the schema names are given, since a further
 * one fails an agent's validation. Throws when no tool can write.
 */
export function writeFileCall(request: SeenRequest, path: string, content: string): ToolCall {
  for (const tool of request.tools) {
    if (!/^write/i.test(tool.name)) continue;
    const key = PATH_KEYS.find((candidate) => property(tool, candidate) !== undefined);
    if (key !== undefined && property(tool, 'content') !== undefined)
      return { name: tool.name, arguments: { [key]: path, content } };
  }
  return shellCall(request, writeCommand(path, content));
}

/** The call that runs a shell command. Throws when the request carries no shell. */
export function shellCall(request: SeenRequest, command: string): ToolCall {
  for (const tool of request.tools) {
    if (!/^(exec_command|bash|shell|local_shell|run_shell_command|execute)/i.test(tool.name))
      continue;
    const key = COMMAND_KEYS.find((candidate) => property(tool, candidate) !== undefined);
    if (key === undefined) continue;
    const list = property(tool, key)?.['type'] === 'array';
    // Claude, opencode and gemini want a word on what the command is for.
    const description =
      property(tool, 'description') === undefined ? {} : { description: 'Runs a command' };
    return {
      name: tool.name,
      arguments: { [key]: list ? ['bash', '-lc', command] : command, ...description },
    };
  }
  const names = request.tools.map(({ name }) => name).join(', ') || 'none';
  throw new Error(`no tool of the request can do that; it carries: ${names}`);
}

function writeCommand(path: string, content: string): string {
  const quoted = `'${path.replaceAll("'", `'\\''`)}'`;
  const encoded = Buffer.from(content).toString('base64');
  return `mkdir -p "$(dirname ${quoted})" && printf %s '${encoded}' | base64 -d > ${quoted}`;
}

function property(tool: SeenTool, key: string): Record<string, unknown> | undefined {
  const properties = tool.schema['properties'];
  if (typeof properties !== 'object' || properties === null) return undefined;
  const found: unknown = Object.entries(properties).find(([name]) => name === key)?.[1];
  if (found === undefined) return undefined;
  return typeof found === 'object' && found !== null ? { ...found } : {};
}
