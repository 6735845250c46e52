import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { checkProvider } from '../../../electron/gateway/providerCheck.ts';
import { fail, say } from '../../models/reply.ts';
import { FORMATS, KEY, model, provider } from './harness.ts';

describe('a check of a provider', () => {
  it('is content with a list that has its models, and asks for nothing more', async () => {
    const server = await model(() => say('Hi'), { models: ['real-model', 'other'], key: KEY });
    const check = await checkProvider(provider('one', server.baseUrl));
    expect(check).toMatchObject({ ok: true, models: ['real-model', 'other'] });
    expect(check.latencyMs).toBeGreaterThan(0);
    expect(server.requests).toHaveLength(0);
  });

  it.each(FORMATS)('asks for a token in %s where nothing is listed', async (format) => {
    const server = await model(() => say('Hi'), { models: null, key: KEY });
    const check = await checkProvider(provider('one', server.baseUrl, { formats: [format] }));
    expect(check).toMatchObject({ ok: true, detail: 'it answers, and knows real-model' });
    expect(server.requests[0]).toMatchObject({ format, model: 'real-model' });
    expect(server.requests[0]?.maxTokens).toBeLessThanOrEqual(16);
  });

  it('accepts an alias that works without being listed', async () => {
    const server = await model(() => say('Hi'), { models: ['real-model-20260101'] });
    expect(await checkProvider(provider('one', server.baseUrl))).toMatchObject({ ok: true });
  });

  it('says that the key is wrong', async () => {
    const server = await model(() => say('Hi'), { key: 'another' });
    const { ok, detail } = await checkProvider(provider('one', server.baseUrl));
    expect(ok).toBe(false);
    expect(detail).toMatch(/refuses its key \(HTTP 401\).*vigil providers add one/);
    expect(detail).not.toContain(KEY);
  });

  it('says that there is no key', async () => {
    const server = await model(() => say('Hi'), { key: 'another' });
    const { detail } = await checkProvider(provider('one', server.baseUrl, { key: null }));
    expect(detail).toContain('wants a key and has none');
  });

  it('says which model it does not know, and what it offers', async () => {
    const server = await model(() => fail(404, 'The model real-model does not exist'), {
      models: ['qwen3', 'llama4'],
    });
    const { ok, detail } = await checkProvider(provider('one', server.baseUrl));
    expect(ok).toBe(false);
    expect(detail).toMatch(/does not know the model real-model .*it offers qwen3, llama4/);
  });

  it.each(['/nowhere', '/v1/v1'])('says that the base URL is wrong (%s)', async (path) => {
    const server = await model(() => say('Hi'));
    const { ok, detail } = await checkProvider(provider('one', `${server.url}${path}`));
    expect(ok).toBe(false);
    expect(detail).toMatch(/nothing at .* speaks openai-chat.*base URL/);
  });

  it('says that a page of the web is no provider', async () => {
    const page = createServer((_, response) => response.end('<html>Welcome</html>'));
    page.listen(0, '127.0.0.1');
    await once(page, 'listening');
    const address = page.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { ok, detail } = await checkProvider(provider('web', `http://127.0.0.1:${port}/v1`));
    page.close();
    expect(ok).toBe(false);
    expect(detail).toContain('nothing at');
  });

  it('says that it cannot be reached, and why', async () => {
    const { ok, detail } = await checkProvider(provider('gone', 'http://127.0.0.1:9/v1'));
    expect(ok).toBe(false);
    expect(detail).toMatch(/cannot be reached: .*(ECONNREFUSED|bad port)/);
  });
});
