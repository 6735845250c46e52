import type { Billing, WireFormat } from './agent.ts';

/** A provider that many people have, so that its name is enough to add it. */
export interface Preset {
  readonly title: string;
  readonly baseUrl: string;
  readonly formats: readonly WireFormat[];
  readonly billing: Billing;
  /** Where its users usually keep the key; null for none. */
  readonly keyEnv: string | null;
  /** Taken when no model is named. Empty: what a local server has loaded, or the user's choice. */
  readonly models: readonly string[];
  /** How its models are named, for the one who has to name one. */
  readonly example: string;
}

const LOCAL_FORMATS: readonly WireFormat[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
];

/** By the id that they are added as. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  anthropic: {
    title: 'Anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    formats: ['anthropic-messages'],
    billing: 'metered',
    keyEnv: 'ANTHROPIC_API_KEY',
    models: ['claude-sonnet-5-5', 'claude-haiku-5-5'],
    example: 'claude-sonnet-5-5',
  },
  openai: {
    title: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    formats: ['openai-responses', 'openai-chat'],
    billing: 'metered',
    keyEnv: 'OPENAI_API_KEY',
    models: ['gpt-6.1-sol', 'gpt-6-luna'],
    example: 'gpt-6.1-sol',
  },
  gemini: {
    title: 'Google Gemini, by its OpenAI-compatible address',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    formats: ['openai-chat'],
    billing: 'metered',
    keyEnv: 'GEMINI_API_KEY',
    models: ['gemini-3.5-flash'],
    example: 'gemini-3.5-flash',
  },
  xai: {
    title: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    formats: ['openai-chat', 'openai-responses'],
    billing: 'metered',
    keyEnv: 'XAI_API_KEY',
    models: ['grok-4.6'],
    example: 'grok-4.6',
  },
  deepseek: {
    title: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    formats: ['openai-chat'],
    billing: 'metered',
    keyEnv: 'DEEPSEEK_API_KEY',
    models: ['deepseek-v4-pro', 'deepseek-flash'],
    example: 'deepseek-v4-pro',
  },
  moonshot: {
    title: 'Moonshot',
    baseUrl: 'https://api.moonshot.ai/v1',
    formats: ['openai-chat'],
    billing: 'metered',
    keyEnv: 'MOONSHOT_API_KEY',
    models: ['kimi-k3'],
    example: 'kimi-k3',
  },
  openrouter: {
    title: 'OpenRouter; it sets its own prices, so give them',
    baseUrl: 'https://openrouter.ai/api/v1',
    formats: ['openai-chat', 'openai-responses', 'anthropic-messages'],
    billing: 'metered',
    keyEnv: 'OPENROUTER_API_KEY',
    models: [],
    example: 'qwen/qwen3-coder@0.22/1.00',
  },
  mistral: {
    title: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    formats: ['openai-chat'],
    billing: 'metered',
    keyEnv: 'MISTRAL_API_KEY',
    models: [],
    example: 'devstral-medium-latest@0.40/2.00',
  },
  ollama: {
    title: 'Ollama on this machine',
    baseUrl: 'http://127.0.0.1:11434/v1',
    formats: LOCAL_FORMATS,
    billing: 'local',
    keyEnv: null,
    models: [],
    example: 'qwen3-coder:30b',
  },
  lmstudio: {
    title: 'LM Studio on this machine',
    baseUrl: 'http://127.0.0.1:1234/v1',
    formats: LOCAL_FORMATS,
    billing: 'local',
    keyEnv: null,
    models: [],
    example: 'qwen/qwen3-coder-30b',
  },
  llamacpp: {
    title: 'llama.cpp (llama-server) on this machine',
    baseUrl: 'http://127.0.0.1:8080/v1',
    formats: LOCAL_FORMATS,
    billing: 'local',
    keyEnv: null,
    models: [],
    example: 'qwen3-coder-30b',
  },
};

/** The preset of a provider's id; null when there is none. */
export function presetOf(id: string): Preset | null {
  return Object.hasOwn(PRESETS, id) ? (PRESETS[id] ?? null) : null;
}
