import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProviderId } from '../../../shared/model/agent.ts';
import { priceOf } from '../../../shared/policy/prices.ts';
import { PRESETS } from '../../../shared/model/providerPresets.ts';
import { readKey } from '../../../electron/cli/providerKey.ts';
import {
  configFrom,
  parseModel,
  parsePrice,
  parseProviderId,
} from '../../../electron/cli/providerOptions.ts';

const id = ProviderId.parse('mine');

describe('a model on the command line', () => {
  it('is a name, with a price after @ when both numbers are given', () => {
    expect(parseModel('qwen/q3@0.2/1.5')).toEqual([
      { name: 'qwen/q3', price: { input: 0.2, output: 1.5 } },
    ]);
    expect(parseModel('qwen3:30b', parseModel('a'))).toEqual([
      { name: 'a' },
      { name: 'qwen3:30b' },
    ]);
    expect(parseModel('model@20250929')).toEqual([{ name: 'model@20250929' }]);
  });
  it.each(['m@3', 'm@3/', 'm@3/x', 'm@-1/2', '', 'm@1/2/3/4/5'])('is refused: %s', (text) => {
    expect(() => parseModel(text)).toThrow(/price|name/i);
  });
  it('keeps any name and any price as they were given', () => {
    const price = fc.double({ min: 0, max: 1e4, noNaN: true }).map((one) => Number(one.toFixed(4)));
    const name = fc.stringMatching(/^[a-z][a-z0-9./:-]{0,20}$/);
    fc.assert(
      fc.property(name, price, price, (model, input, output) => {
        expect(parseModel(`${model}@${input}/${output}`)).toEqual([
          { name: model, price: { input, output } },
        ]);
        expect(parsePrice(`${model}=${input},${output}`)).toEqual([
          { name: model, price: { input, output } },
        ]);
      }),
    );
  });
});

describe('a provider from its options', () => {
  it('is complete for every preset that names models: each has a known price', async () => {
    for (const [name, preset] of Object.entries(PRESETS)) {
      if (preset.models.length === 0) continue;
      const config = await configFrom(parseProviderId(name), {});
      for (const model of config.models)
        expect(priceOf(model, config.billing), model.name).not.toBeNull();
    }
  });
  it('has an example model in every preset that takes the command line as it stands', async () => {
    for (const [name, preset] of Object.entries(PRESETS)) {
      const config = await configFrom(parseProviderId(name), { model: parseModel(preset.example) });
      expect(config.models).toHaveLength(1);
    }
  });
  it('takes the price of --price over that of the model, and the cache prices', async () => {
    const config = await configFrom(id, {
      url: 'https://h/v1/',
      model: parseModel('m@3/15'),
      price: parsePrice('m=1,2,0.1,1.25'),
    });
    expect(config.baseUrl).toBe('https://h/v1');
    expect(config.models[0]?.price).toEqual({
      input: 1,
      output: 2,
      cacheRead: 0.1,
      cacheWrite: 1.25,
    });
  });
  it.each([
    ['of an unknown name without an address', {}, 'misuse', /none of the providers/],
    ['that is no address', { url: 'h/v1', model: parseModel('m@1/2') }, 'misuse', /baseUrl/],
    [
      'whose address holds a password',
      { url: 'https://u:p@h/v1', model: parseModel('m@1/2') },
      'misuse',
      /password/,
    ],
    [
      'whose address holds a key',
      { url: 'https://h/v1?key=s', model: parseModel('m@1/2') },
      'misuse',
      /parameters/,
    ],
    ['without a model', { url: 'https://h/v1' }, 'misuse', /which models/],
    [
      'that meters a model at no known price',
      { url: 'https://h/v1', model: parseModel('m') },
      'price-unknown',
      /price of the model m/,
    ],
    [
      'with a price for another model',
      { url: 'https://h/v1', model: parseModel('m@1/2'), price: parsePrice('n=1,2') },
      'misuse',
      /names n/,
    ],
    [
      'that is local and is not there',
      { url: 'http://127.0.0.1:1/v1', billing: 'local' },
      'provider-failed',
      /says which models/,
    ],
  ] as const)('is refused %s', async (_what, options, code, message) => {
    const refused = configFrom(id, options);
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(message);
  });
});

describe('a key', () => {
  it('is not guessed: without one the error says how to give it', async () => {
    await expect(readKey('mine', { keyEnv: 'VIGIL_TEST_NOT_SET' }, null, false)).rejects.toThrow(
      'VIGIL_TEST_NOT_SET is empty',
    );
    expect(await readKey('mine', {}, null, true)).toBeNull();
  });
});
