import path from 'node:path';
import { AgentId, type AgentConfig, type AgentState } from '../../../shared/model/agent.ts';
import { KNOWN_AGENTS, type AgentDefinition } from './agentDefinitions.ts';
import { findProgram, programVersion } from './findProgram.ts';

/** An agent of this machine: what is shown of it, and what it takes to start it. */
export interface FoundAgent {
  readonly state: AgentState;
  /** Null when it is not installed. */
  readonly file: string | null;
  readonly args: readonly string[];
  /** From `config.yaml`, placeholders not yet filled in. */
  readonly env: Readonly<Record<string, string>>;
  /** Null for an agent that only the user knows. */
  readonly definition: AgentDefinition | null;
}

export type AgentConfigs = Readonly<Record<string, AgentConfig>>;

/** Looks for the known agents and for those of `config.yaml`: the known ones first. Starts none of them. */
export async function findAgents(
  config: AgentConfigs,
  from: Readonly<Record<string, string | undefined>> = process.env,
): Promise<FoundAgent[]> {
  const known = KNOWN_AGENTS.map((definition) => ({
    id: AgentId.parse(definition.id),
    definition,
    config: config[definition.id],
  }));
  const others = Object.entries(config)
    .filter(([id]) => !KNOWN_AGENTS.some((definition) => definition.id === id))
    .map(([id, agent]) => ({ id: AgentId.parse(id), definition: null, config: agent }));
  return Promise.all(
    [...known, ...others].map((agent) => find(agent.id, agent.definition, agent.config, from)),
  );
}

async function find(
  id: AgentId,
  definition: AgentDefinition | null,
  config: AgentConfig | undefined,
  from: Readonly<Record<string, string | undefined>>,
): Promise<FoundAgent> {
  const names = config?.command === undefined ? (definition?.executables ?? []) : [config.command];
  const format = config?.format ?? definition?.format ?? null;
  const file = await findProgram(names, from);
  const problem =
    config?.enabled === false
      ? 'switched off in config.yaml'
      : names.length === 0
        ? `config.yaml does not say by which command it starts (agents.${id}.command)`
        : file === null
          ? missing(names, config?.command === undefined ? definition : null)
          : format === null
            ? noFormat(id, definition)
            : null;
  return {
    state: {
      id,
      name: definition?.name ?? id,
      version: file === null ? null : await programVersion(file),
      format,
      ready: problem === null,
      detail: problem ?? file ?? '',
    },
    file,
    args: config?.args ?? definition?.args ?? [],
    env: config?.env ?? {},
    definition,
  };
}

function missing(names: readonly string[], definition: AgentDefinition | null): string {
  const list = names.map((name) => path.basename(name)).join(' or ');
  return definition === null
    ? `not installed: ${names.join(' or ')} is no program here`
    : `not installed: no ${list} on PATH; to get it: ${definition.install}`;
}

function noFormat(id: AgentId, definition: AgentDefinition | null): string {
  return definition === null
    ? `config.yaml does not say in which format it calls its model (agents.${id}.format)`
    : `${definition.name} calls its model in a format of its own, which the gateway does not serve: without the gateway its cost could not be held to a budget`;
}
