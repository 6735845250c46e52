import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { agentEnvironment } from './agentEnvironment.ts';
import type { AgentSetup } from './agentDefinitions.ts';
import type { FoundAgent } from './findAgents.ts';

/** How to start an agent so that it calls the gateway and nothing else. */
export interface PreparedAgent {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly sessionMode: string | null;
}

/**
 * Makes an agent's home with its settings, and says how to start it.
 * @throws Error when it is not installed, and the file system's error when its home can't be written
 */
export async function prepareAgent(agent: FoundAgent, setup: AgentSetup): Promise<PreparedAgent> {
  if (agent.file === null) throw new Error(`${agent.state.name}: ${agent.state.detail}`);
  const settings = agent.definition?.prepare(setup) ?? { env: {}, files: {}, sessionMode: null };
  await mkdir(setup.home, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(settings.files)) {
    const file = path.join(setup.home, name);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    // It may hold the token.
    await writeFile(file, content, { mode: 0o600 });
  }
  return {
    file: agent.file,
    args: agent.args.map((argument) => fill(argument, setup)),
    env: agentEnvironment(process.env, setup.home, {
      ...settings.env,
      ...Object.fromEntries(
        Object.entries(agent.env).map(([name, value]) => [name, fill(value, setup)]),
      ),
    }),
    sessionMode: settings.sessionMode,
  };
}

/** Fills in the placeholders that `config.yaml` may use. */
function fill(text: string, { gatewayUrl, token, model }: AgentSetup): string {
  return text
    .replaceAll('${VIGIL_GATEWAY_URL}', gatewayUrl)
    .replaceAll('${VIGIL_TOKEN}', token)
    .replaceAll('${VIGIL_MODEL}', model);
}
