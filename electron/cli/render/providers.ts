import { duration } from '../../../shared/explain/format.ts';
import type { ProviderCheckView, ProviderView } from '../../../shared/model/agentApi.ts';
import { paragraph } from './blocks.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';

const KEY_TEXT: Readonly<Record<ProviderView['key'], string>> = {
  environment: 'from the environment',
  keychain: "in the system's keychain",
  file: 'in a file that only you can read',
  none: 'none',
};

/** The providers, one line each. Keys are not shown, only where they are. */
export function renderProviders(providers: readonly ProviderView[], look: Look): string[] {
  const { colours } = look;
  if (providers.length === 0)
    return [
      'No model provider yet. Add one with `vigil providers add anthropic` (or openai, ollama, …; see `vigil providers add --help`).',
    ];
  const lacksKey = (provider: ProviderView) =>
    provider.key === 'none' && provider.billing !== 'local';
  return table(
    providers,
    [
      { head: 'provider', cell: (provider) => provider.id, paint: () => colours.bold },
      { head: 'billing', cell: (provider) => provider.billing },
      {
        head: 'key',
        cell: (provider) => KEY_TEXT[provider.key],
        paint: (provider) => (lacksKey(provider) ? colours.red : colours.dim),
      },
      { head: 'formats', cell: (provider) => provider.formats.join(', '), flexible: true },
      {
        head: 'models',
        cell: (provider) => provider.models.map((model) => model.name).join(', '),
        flexible: true,
      },
      {
        head: 'address',
        cell: (provider) => provider.baseUrl,
        flexible: true,
        paint: () => colours.dim,
      },
    ],
    look,
  );
}

/** A provider that was just set, and what to do next. */
export function renderAddedProvider(
  provider: ProviderView,
  { changed, from }: { changed: boolean; from: string | null },
  look: Look,
): string[] {
  const key =
    provider.key === 'none'
      ? 'No key is kept for it.'
      : `Its key${from === null || from === 'here' ? '' : `, taken from ${from},`} is ${KEY_TEXT[provider.key]}.`;
  return [
    `${changed ? 'Changed' : 'Added'} ${provider.id}: ${provider.models.map((model) => model.name).join(', ')} at ${provider.baseUrl}. ${key}`,
    look.colours.dim(
      `Try it with \`vigil providers test ${provider.id}\`; \`vigil agents\` shows who can use it.`,
    ),
  ];
}

/** What a real call to a provider said. */
export function renderProviderCheck(check: ProviderCheckView, look: Look): string[] {
  const { green, red } = look.colours;
  const took = check.latencyMs === null ? '' : ` (${duration(check.latencyMs)})`;
  const mark = check.ok ? green('✓') : red('✗');
  return paragraph(`${check.provider}${took}: ${check.detail}`, look, `${mark} `);
}
