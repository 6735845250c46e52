import type { WireFormat } from '../../../shared/model/agent.ts';

/** What an agent needs to be told to work by itself, through the gateway. */
export interface AgentSetup {
  /** A home of its own: it shares neither settings nor logins with the user's. */
  readonly home: string;
  /** Without `/v1`: `http://127.0.0.1:PORT`, and whatever path the gateway has. */
  readonly gatewayUrl: string;
  readonly token: string;
  /** As the gateway knows it. */
  readonly model: string;
  readonly contextTokens: number;
  /** Most tokens of one answer. */
  readonly outputTokens: number;
  /**
   * `ask`: it asks before it acts. `sandboxed`: the same, but an agent whose own sandbox would not work
   * inside ours is told to do without it, and with that without asking.
   */
  readonly mode: 'ask' | 'sandboxed';
}

interface AgentSettings {
  readonly env: Readonly<Record<string, string>>;
  /** Contents by path relative to its home. */
  readonly files: Readonly<Record<string, string>>;
  /** The mode of the session to choose, where the agent has it. */
  readonly sessionMode: string | null;
}

export interface AgentDefinition {
  readonly id: string;
  readonly name: string;
  /** Names of its program, best first. */
  readonly executables: readonly string[];
  readonly args: readonly string[];
  /** How it calls its model; null: not in a format that the gateway serves. */
  readonly format: WireFormat | null;
  /** How a user gets it. */
  readonly install: string;
  readonly prepare: (setup: AgentSetup) => AgentSettings;
}

const opencode: AgentDefinition = {
  id: 'opencode',
  name: 'OpenCode',
  executables: ['opencode'],
  args: ['acp'],
  format: 'openai-chat',
  install: 'npm install -g opencode-ai',
  prepare: ({ gatewayUrl, token, model, contextTokens, outputTokens }) => ({
    env: {
      OPENCODE_CONFIG_CONTENT: JSON.stringify({
        autoupdate: false,
        share: 'disabled',
        model: `vigil/${model}`,
        small_model: `vigil/${model}`,
        enabled_providers: ['vigil'],
        permission: { edit: 'ask', bash: 'ask', webfetch: 'deny', external_directory: 'deny' },
        provider: {
          vigil: {
            npm: '@ai-sdk/openai-compatible',
            name: 'Vigil',
            options: { baseURL: `${gatewayUrl}/v1`, apiKey: token },
            models: {
              [model]: {
                name: model,
                tool_call: true,
                limit: { context: contextTokens, output: outputTokens },
              },
            },
          },
        },
      }),
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      // A repository's own settings could bring plugins, which are code, and permissions.
      OPENCODE_DISABLE_PROJECT_CONFIG: '1',
    },
    // It installs what plugins need at every start, unless that looks done: see `Npm.install` of 1.18.
    files: {
      '.config/opencode/node_modules/.keep': '',
      '.config/opencode/package-lock.json': JSON.stringify({
        lockfileVersion: 3,
        packages: { '': { dependencies: { '@opencode-ai/plugin': '*' } } },
      }),
    },
    sessionMode: 'build',
  }),
};

const claude: AgentDefinition = {
  id: 'claude',
  name: 'Claude Code',
  executables: ['claude-agent-acp', 'claude-code-acp'],
  args: [],
  format: 'anthropic-messages',
  install: 'npm install -g @agentclientprotocol/claude-agent-acp',
  prepare: ({ gatewayUrl, token, model, outputTokens }) => ({
    env: {
      ANTHROPIC_API_KEY: token,
      ANTHROPIC_BASE_URL: gatewayUrl,
      ANTHROPIC_MODEL: model,
      // Titles and summaries go to a model of their own otherwise, one that the gateway may not have.
      ANTHROPIC_SMALL_FAST_MODEL: model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      ANTHROPIC_DEFAULT_SONNET_MODEL: model,
      ANTHROPIC_DEFAULT_OPUS_MODEL: model,
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(outputTokens),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_AUTOUPDATER: '1',
    },
    files: {
      '.claude/settings.json': JSON.stringify({
        permissions: { disableBypassPermissionsMode: 'disable' },
      }),
    },
    sessionMode: 'default',
  }),
};

const codex: AgentDefinition = {
  id: 'codex',
  name: 'Codex',
  executables: ['codex-acp'],
  args: [],
  format: 'openai-responses',
  install: 'npm install -g @zed-industries/codex-acp',
  prepare: ({ home, gatewayUrl, token, model, contextTokens, mode }) => ({
    env: { CODEX_HOME: `${home}/.codex`, VIGIL_MODEL_KEY: token },
    files: {
      '.codex/config.toml': [
        `model = ${JSON.stringify(model)}`,
        'model_provider = "vigil"',
        `model_context_window = ${contextTokens}`,
        'check_for_update_on_startup = false',
        '[model_providers.vigil]',
        'name = "Vigil"',
        `base_url = ${JSON.stringify(`${gatewayUrl}/v1`)}`,
        'wire_api = "responses"',
        'env_key = "VIGIL_MODEL_KEY"',
        '[analytics]',
        'enabled = false',
        '',
      ].join('\n'),
    },
    // In `auto` it starts a sandbox of its own, which can't be nested in ours.
    sessionMode: mode === 'sandboxed' ? 'full-access' : 'read-only',
  }),
};

const gemini: AgentDefinition = {
  id: 'gemini',
  name: 'Gemini CLI',
  executables: ['gemini'],
  args: ['--acp'],
  format: null,
  install: 'npm install -g @google/gemini-cli',
  prepare: () => ({ env: {}, files: {}, sessionMode: 'default' }),
};

const qwen: AgentDefinition = {
  id: 'qwen',
  name: 'Qwen Code',
  executables: ['qwen'],
  args: ['--acp', '--auth-type', 'openai'],
  format: 'openai-chat',
  install: 'npm install -g @qwen-code/qwen-code',
  prepare: ({ gatewayUrl, token, model, contextTokens, outputTokens }) => ({
    env: {
      OPENAI_API_KEY: token,
      OPENAI_BASE_URL: `${gatewayUrl}/v1`,
      OPENAI_MODEL: model,
    },
    files: {
      '.qwen/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'openai' } },
        general: { disableAutoUpdate: true, disableUpdateNag: true, enableAutoUpdate: false },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
        model: {
          name: model,
          generationConfig: {
            contextWindowSize: contextTokens,
            samplingParams: { max_tokens: outputTokens },
          },
        },
      }),
    },
    sessionMode: 'default',
  }),
};

const goose: AgentDefinition = {
  id: 'goose',
  name: 'Goose',
  executables: ['goose'],
  args: ['acp'],
  format: 'openai-chat',
  install: 'https://block.github.io/goose/docs/getting-started/installation',
  prepare: ({ gatewayUrl, token, model, contextTokens, outputTokens }) => ({
    env: {
      GOOSE_PROVIDER: 'openai',
      GOOSE_MODEL: model,
      GOOSE_MODE: 'approve',
      GOOSE_CONTEXT_LIMIT: String(contextTokens),
      GOOSE_MAX_TOKENS: String(outputTokens),
      GOOSE_DISABLE_KEYRING: '1',
      GOOSE_TELEMETRY_ENABLED: 'false',
      OPENAI_API_KEY: token,
      OPENAI_HOST: gatewayUrl,
      OPENAI_BASE_PATH: 'v1/chat/completions',
    },
    files: {},
    sessionMode: 'approve',
  }),
};

/** The agents that Vigil knows how to set up, in the order in which they are shown. */
export const KNOWN_AGENTS: readonly AgentDefinition[] = [
  claude,
  codex,
  opencode,
  qwen,
  goose,
  gemini,
];
