import { Option, type Command } from 'commander';
import { z } from 'zod';
import {
  Billing,
  WireFormat,
  type ModelConfig,
  type ProviderId,
} from '../../../shared/model/agent.ts';
import {
  ProviderCheckView,
  ProviderView,
  type ProviderInput,
} from '../../../shared/model/agentApi.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { environmentName } from '../../gateway/keys.ts';
import { presetOf, PRESETS } from '../../../shared/model/providerPresets.ts';
import { readKey, type KeyOptions } from '../providerKey.ts';
import {
  configFrom,
  parseModel,
  parsePrice,
  parseProviderId,
  type ProviderOptions,
} from '../providerOptions.ts';
import { renderAddedProvider, renderProviderCheck, renderProviders } from '../render/providers.ts';
import { action, type Session } from '../session.ts';

const Providers = z.object({ providers: z.array(ProviderView) });

const KNOWN = `
Known by name: ${Object.keys(PRESETS).join(', ')}.
  vigil providers add anthropic                       key from ANTHROPIC_API_KEY, or typed unseen
  vigil providers add ollama                          every model that it has
  vigil providers add openrouter --model qwen/qwen3-coder@0.22/1.00
  vigil providers add mine --url https://llm.example.com/v1 --format openai-chat --model big@3/15 --key-env MY_KEY`;

type AddOptions = ProviderOptions & KeyOptions & { key?: string };

export function addProviderCommands(program: Command): void {
  const providers = program
    .command('providers')
    .description('model providers, and where their keys are');
  providers
    .command('add')
    .description('add a provider, or change one')
    .argument('<id>', 'one that is known by name, or a name of your own', parseProviderId)
    .option('--url <url>', 'up to where /chat/completions or /messages begins')
    .addOption(
      new Option('--format <format>', 'a wire format that it speaks, best first (repeatable)')
        .choices(WireFormat.options)
        .argParser(parseFormat),
    )
    .option(
      '--model <name>',
      'a model, or name@IN/OUT in USD per million tokens (repeatable)',
      (text: string, before: ModelConfig[] | undefined) => parseModel(text, before),
    )
    .option(
      '--price <name=in,out>',
      'what a model costs; add ,CACHE-READ,CACHE-WRITE if they differ (repeatable)',
      (text: string, before: ReturnType<typeof parsePrice> | undefined) => parsePrice(text, before),
    )
    .addOption(new Option('--billing <how>', 'how it is paid').choices(Billing.options))
    .option('--key-env <name>', 'take the key from this variable')
    .option('--key-stdin', 'read the key from standard input')
    .addOption(new Option('--key <key>').hideHelp())
    .addHelpText('after', KNOWN)
    .action(action(addProvider));
  providers
    .command('list')
    .description('list them')
    .action(
      action(async (session) => {
        const client = await session.client();
        session.show(await client.call('GET', '/v1/providers', Providers), (reply, look) =>
          renderProviders(reply.providers, look),
        );
      }),
    );
  providers
    .command('test')
    .description('make one small real call to each; exits 1 when one fails')
    .argument('[id]', 'only this one', parseProviderId)
    .action(action(testProviders));
  providers
    .command('remove')
    .description('forget one, with its key')
    .argument('<id>', 'its name', parseProviderId)
    .action(
      action(async (session, id: ProviderId) => {
        const client = await session.client();
        const reply = await client.call('DELETE', `/v1/providers/${id}`, z.unknown());
        session.show(reply, () => [`Removed ${id}, with its key. Nothing calls it any more.`]);
      }),
    );
}

function parseFormat(text: string, before: readonly WireFormat[] = []): WireFormat[] {
  const format = WireFormat.safeParse(text);
  if (format.success) return [...before, format.data];
  throw new VigilError(
    'misuse',
    `${text} is no wire format`,
    `It is one of ${WireFormat.options.join(', ')}; most servers that are "OpenAI-compatible" speak openai-chat.`,
  );
}

async function addProvider(session: Session, id: ProviderId, options: AddOptions): Promise<void> {
  if (options.key !== undefined)
    throw new VigilError(
      'misuse',
      'a key is not taken from the command line: every process of this machine can read it there, and the shell keeps it in its history',
      `Change that key if others use this machine. Then set a variable and name it (--key-env NAME), pipe the key in (--key-stdin), or leave both away and type it unseen.`,
    );
  const config = await configFrom(id, options);
  const client = await session.client();
  const { providers } = await client.call('GET', '/v1/providers', Providers);
  const known = providers.find((provider) => provider.id === id);
  const kept = known !== undefined && known.key !== 'none';
  // The node looks into that variable by itself, before the keychain and its file.
  const optional =
    config.billing === 'local' || kept || process.env[environmentName(id)] !== undefined;
  const usual = options.url === undefined ? (presetOf(id)?.keyEnv ?? null) : null;
  const found = await readKey(id, options, usual, optional);
  const input: ProviderInput = { config, ...(found === null ? {} : { key: found.key }) };
  const added = await client.call('PUT', `/v1/providers/${id}`, ProviderView, input);
  session.show(added, (provider, look) =>
    renderAddedProvider(
      provider,
      { changed: known !== undefined, from: found?.from ?? null },
      look,
    ),
  );
}

async function testProviders(session: Session, id: ProviderId | undefined): Promise<void> {
  const client = await session.client();
  const ids =
    id === undefined
      ? (await client.call('GET', '/v1/providers', Providers)).providers.map((one) => one.id)
      : [id];
  if (ids.length === 0)
    throw new VigilError(
      'not-found',
      'there is no provider to test',
      'Add one with `vigil providers add`; `vigil providers add --help` shows which are known by name.',
    );
  const checks: ProviderCheckView[] = [];
  try {
    for (const one of ids) {
      session.terminal.progress(`calling ${one} …`);
      checks.push(await client.call('POST', `/v1/providers/${one}/test`, ProviderCheckView));
    }
  } finally {
    session.terminal.progress(null);
  }
  session.show({ checks }, (reply, look) =>
    reply.checks.flatMap((check) => renderProviderCheck(check, look)),
  );
  if (checks.some((check) => !check.ok)) process.exitCode = 1;
}
