import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NodeConfig } from '../../../shared/model/config.ts';
import type { SettingsView } from '../../../shared/model/insightApi.ts';
import { logsPath } from '../layout.ts';

/** What `config.yaml` says, and what holds where it says nothing. Environments of agents may hold secrets, so agents are left out. */
export function settingsView(home: string, config: NodeConfig): SettingsView {
  const files = ['config.yaml', 'config.yml'].map((name) => join(home, name));
  const found = files.find((file) => existsSync(file));
  const defaults = new Map(flatten(NodeConfig.parse({})));
  return {
    file: found ?? files[0] ?? home,
    exists: found !== undefined,
    logFolder: logsPath(home),
    settings: flatten(config).map(([path, value]) => {
      const byDefault = defaults.get(path) ?? 'not set';
      return { path, value, byDefault, changed: value !== byDefault };
    }),
  };
}

/** Notices have a card of their own, where they are set too. */
function flatten({
  agents: _,
  notices: __,
  ...config
}: NodeConfig): [path: string, value: string][] {
  const all = {
    port: undefined,
    ...config,
    mesh: { port: undefined, listen: undefined, ...config.mesh },
  };
  return leaves('', all);
}

function leaves(path: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) return [[path, value.length === 0 ? 'none' : value.join(', ')]];
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) =>
      leaves(path === '' ? key : `${path}.${key}`, inner),
    );
  return [[path, value === undefined ? 'not set' : JSON.stringify(value).replaceAll('"', '')]];
}
