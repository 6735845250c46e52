import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { call as callTool, huge, say } from '../../models/reply.ts';
import { FORMATS, KEY, call, errorOf, model, provider, setUp } from './harness.ts';

const USED = { input: 100, output: 170, cacheRead: 40, cacheWrite: 20 };

describe.each(FORMATS)('a call in %s', (format) => {
  it.each([true, false])(
    'comes through byte by byte and is counted (stream: %s)',
    async (stream) => {
      const upstream = await model(() =>
        callTool(
          { name: 'write', arguments: { path: 'ä.txt', content: 'é'.repeat(200) } },
          {
            usage: { ...USED, cacheWrite: format === 'anthropic-messages' ? 20 : 0 },
            text: 'I write it. ✓',
          },
        ),
      );
      const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
      const response = await call(gateway.url, token, format, { stream });
      const body = Buffer.from(await response.arrayBuffer());
      expect(response.status).toBe(200);
      expect(body.equals(upstream.lastBody())).toBe(true);
      expect(body.toString()).toContain('I write');
      expect(meter.only).toMatchObject({
        outcome: 'ok',
        estimated: false,
        usage: { ...USED, cacheWrite: format === 'anthropic-messages' ? 20 : 0 },
        target: { provider: 'one', model: 'real-model' },
        status: 200,
        retries: 0,
        detail: '',
      });
      // Cached tokens without a price of their own cost what input does.
      const input = format === 'anthropic-messages' ? 160 : 140;
      expect(meter.only.costUsd).toBeCloseTo((input * 10 + 170 * 20) / 1e6, 12);
      expect(meter.open).toBe(0);
    },
  );

  it('reaches the provider with its model, its key and the limit that was reserved', async () => {
    const upstream = await model(() => say('Yes.'));
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    await (await call(gateway.url, token, format, { stream: true })).text();
    const [seen] = upstream.requests;
    expect(seen?.model).toBe('real-model');
    const headers = seen?.headers ?? {};
    expect(format === 'anthropic-messages' ? headers['x-api-key'] : headers.authorization).toBe(
      format === 'anthropic-messages' ? KEY : `Bearer ${KEY}`,
    );
    expect(JSON.stringify(headers)).not.toContain(token);
    expect(seen?.maxTokens).toBe(meter.started[0]?.maxTokens.output);
    expect(seen?.maxTokens).toBe(format === 'anthropic-messages' ? 500 : 1_000);
  });

  it('holds an agent that asks for the longest answer there is to the limit of the model', async () => {
    const upstream = await model(() => say('Yes.'));
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    const name = format === 'openai-responses' ? 'max_output_tokens' : 'max_tokens';
    await (await call(gateway.url, token, format, { [name]: 128_000 })).text();
    expect(upstream.requests[0]?.maxTokens).toBe(1_000);
    expect(meter.started[0]?.maxTokens.output).toBe(1_000);
  });

  it('passes each piece on before the next one exists', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const upstream = await model(() => say('One. Two.', { between: () => gate }));
    const { gateway, token } = await setUp([provider('one', upstream.baseUrl)]);
    const response = await call(gateway.url, token, format, { stream: true });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(first?.value?.length).toBeGreaterThan(0);
    release();
    while (!(await reader?.read())?.done);
  });

  it('takes a reply of 10 MB', async () => {
    const upstream = await model(() => huge(10 * 1024 * 1024));
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    const response = await call(gateway.url, token, format, { stream: true });
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.equals(upstream.lastBody())).toBe(true);
    expect(meter.only).toMatchObject({ outcome: 'ok', estimated: false });
  });

  it('refuses an unknown token and a revoked one as a provider would', async () => {
    const upstream = await model(() => say('Yes.'));
    const { gateway, token, revoke } = await setUp([provider('one', upstream.baseUrl)]);
    expect((await call(gateway.url, 'vigil-wrong', format)).status).toBe(401);
    expect((await call(gateway.url, token, format)).status).toBe(200);
    revoke();
    const refused = await call(gateway.url, token, format);
    expect(refused.status).toBe(401);
    expect((await errorOf(refused)).type).toBe('authentication_error');
    expect(upstream.requests).toHaveLength(1);
  });

  it('ends at the provider when the caller goes away, and is settled', async () => {
    const upstream = await model(() => say('One. Two.', { end: 'silent' }));
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    const away = new AbortController();
    const response = await call(gateway.url, token, format, { stream: true }, away.signal);
    await response.body?.getReader().read();
    away.abort();
    await vi.waitFor(() => expect(meter.ended).toHaveLength(1));
    expect(meter.only).toMatchObject({ outcome: 'cut', estimated: true });
    expect(meter.only.usage.output).toBe(meter.started[0]?.maxTokens.output);
    await vi.waitFor(() => expect(upstream.openAnswers()).toBe(0));
  });
});

describe('the gateway', () => {
  it('ends the running calls of a token that is revoked', async () => {
    const upstream = await model(() => ({ kind: 'stall' }));
    const { gateway, meter, token, revoke } = await setUp([provider('one', upstream.baseUrl)]);
    const pending = call(gateway.url, token, 'openai-chat');
    const failed = expect(pending).rejects.toThrow();
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1));
    revoke();
    await failed;
    expect(meter.only).toMatchObject({ outcome: 'cut', estimated: true });
  });

  it('lists the models of the route, and no others', async () => {
    const { gateway, token } = await setUp([provider('one', 'http://127.0.0.1:9/v1')]);
    const response = await fetch(`${gateway.url}/v1/models`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await response.json()).toMatchObject({ data: [{ id: 'real-model' }], has_more: false });
  });

  it('lets the provider count tokens, for nothing', async () => {
    const upstream = await model(() => say('Yes.'));
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    const response = await fetch(`${gateway.url}/v1/messages/count_tokens?beta=true`, {
      method: 'POST',
      headers: { 'x-api-key': token },
      body: JSON.stringify({ model: 'any', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect(await response.json()).toEqual({ input_tokens: expect.any(Number) as number });
    expect(meter.started).toHaveLength(0);
  });

  it('takes out what is charged by other means than tokens, and keeps the rest', async () => {
    const upstream = await model(() => say('Yes.'));
    const { gateway, token } = await setUp([provider('one', upstream.baseUrl)]);
    const write = { name: 'Write', input_schema: { type: 'object' } };
    const search = { type: 'web_search_20250305', name: 'web_search' };
    await call(gateway.url, token, 'anthropic-messages', {
      tools: [write, search],
      service_tier: 'auto',
      speed: 'fast',
      metadata: { user_id: 'u' },
    });
    const { body } = upstream.requests[0] ?? {};
    expect(body).toMatchObject({ tools: [write], metadata: { user_id: 'u' } });
    expect(body).not.toHaveProperty('speed');
    expect(body).not.toHaveProperty('service_tier');
  });

  it.each([
    ['no JSON', '{', 400],
    ['a limit that is no number', '{"max_tokens":"many"}', 400],
    ['more than 32 MB', `"${'x'.repeat(33 * 1024 * 1024)}"`, 413],
  ])('refuses a request of %s', async (_, body, status) => {
    const { gateway, meter, token } = await setUp([provider('one', 'http://127.0.0.1:9/v1')]);
    const response = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': token },
      body,
    });
    expect(response.status).toBe(status);
    await errorOf(response);
    expect(meter.started).toHaveLength(0);
  });

  it('does not mind a caller that goes away in the middle of its request', async () => {
    const { gateway, token, meter, errors } = await setUp([
      provider('one', 'http://127.0.0.1:9/v1'),
    ]);
    const sent = request(`${gateway.url}/v1/messages`, {
      method: 'POST',
      // The answer to it says that the gateway has begun to read.
      headers: { 'x-api-key': token, 'content-length': 1_000, expect: '100-continue' },
    });
    sent.on('error', () => undefined);
    sent.flushHeaders();
    await once(sent, 'continue');
    sent.destroy();
    await gateway.close();
    expect(errors).toEqual([]);
    expect(meter.started).toHaveLength(0);
  });

  it('counts the usage of a stream that ends without its last empty line', async () => {
    const raw = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}],' +
          '"usage":{"prompt_tokens":9,"completion_tokens":1}}',
      );
    });
    raw.listen(0, '127.0.0.1');
    await once(raw, 'listening');
    const address = raw.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { gateway, token, meter } = await setUp([provider('raw', `http://127.0.0.1:${port}`)]);
    await (await call(gateway.url, token, 'openai-chat', { stream: true })).text();
    raw.close();
    expect(meter.only).toMatchObject({ estimated: false, usage: { input: 9, output: 1 } });
  });

  it('answers what it does not serve with an error of the protocol', async () => {
    const { gateway } = await setUp([provider('one', 'http://127.0.0.1:9/v1')]);
    const response = await fetch(`${gateway.url}/v1/embeddings`, { method: 'POST' });
    expect(response.status).toBe(404);
    expect((await errorOf(response)).type).toBe('not_found_error');
  });
});
