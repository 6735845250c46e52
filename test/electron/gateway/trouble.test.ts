import { describe, expect, it, vi } from 'vitest';
import { after, fail, halfCall, hangup, say, stall, type Reply } from '../../models/reply.ts';
import {
  AddingMeter,
  FORMATS,
  KEY,
  PRICE,
  call,
  errorOf,
  model,
  provider,
  setUp,
} from './harness.ts';

/** No call in these tests costs more: 1,000 tokens of answer and a small request. */
const CALL_USD = 0.05;

describe.each(FORMATS)('in %s', (format) => {
  it('a cap that is reached refuses the call in words that an agent understands', async () => {
    const upstream = await model(() => say('Yes.'));
    const meter = new AddingMeter(0.000_1);
    const { gateway, token } = await setUp([provider('one', upstream.baseUrl)], { meter });
    const response = await call(gateway.url, token, format, { stream: true });
    expect(response.status).toBe(402);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const { type, message } = await errorOf(response);
    expect(type).toBe('budget_exceeded');
    expect(message).toMatch(/day\.hard .*\$0\.00.*vigil budget --set/);
    expect(upstream.requests).toHaveLength(0);
    expect(meter.ended).toHaveLength(0);
  });

  it('an answer that is cut is counted at its worst, never as nothing', async () => {
    const upstream = await model(() => say('One. '.repeat(40), { end: 'cut' }));
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    const response = await call(gateway.url, token, format, { stream: true });
    await expect(response.text()).rejects.toThrow();
    expect(meter.only).toMatchObject({ outcome: 'cut', estimated: true, retries: 0 });
    expect(meter.only.usage.output).toBe(meter.started[0]?.maxTokens.output);
    expect(meter.only.costUsd).toBeGreaterThan(0);
    expect(meter.only.costUsd).toBeLessThanOrEqual(meter.started[0]?.maxCostUsd ?? 0);
  });

  it('half a tool call reaches the caller as it came, and is counted at its worst', async () => {
    const one = { name: 'write', arguments: { path: 'a', content: 'x'.repeat(400) } };
    const upstream = await model(() => halfCall(one));
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    const response = await call(gateway.url, token, format, { stream: true });
    const chunks: Uint8Array[] = [];
    const reader = response.body?.getReader();
    await expect(async () => {
      for (;;) {
        const read = await reader?.read();
        if (read?.value) chunks.push(read.value);
        if (read?.done !== false) return;
      }
    }).rejects.toThrow();
    expect(Buffer.concat(chunks).equals(upstream.lastBody())).toBe(true);
    expect(meter.only).toMatchObject({ outcome: 'cut', estimated: true });
  });

  it('an answer without usage is counted at its worst', async () => {
    const upstream = await model(() => say('Yes.', { usage: null }));
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    await (await call(gateway.url, token, format, { stream: true })).text();
    expect(meter.only).toMatchObject({
      outcome: 'ok',
      estimated: true,
      usage: meter.started[0]?.maxTokens,
      costUsd: meter.started[0]?.maxCostUsd,
    });
  });

  it('a provider that says less than can be is not believed', async () => {
    const nothing = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    const upstream = await model(() => say('word '.repeat(50), { usage: nothing }));
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    await (await call(gateway.url, token, format, { stream: true })).text();
    expect(meter.only).toMatchObject({ outcome: 'ok', estimated: true });
    expect(meter.only.usage.output).toBe(125);
    expect(meter.only.usage.input).toBe(meter.started[0]?.maxTokens.input);
    expect(meter.only.detail).toContain('0 output tokens for 250 bytes');
  });

  it('a refusal of the request itself is passed on, costs nothing and is not repeated', async () => {
    const upstream = await model(() => fail(400, `bad request with ${KEY} in it`));
    const { gateway, meter, token } = await setUp([
      provider('one', upstream.baseUrl),
      provider('two', upstream.baseUrl),
    ]);
    const response = await call(gateway.url, token, format);
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toContain('bad request');
    expect(upstream.requests).toHaveLength(1);
    expect(meter.only).toMatchObject({ outcome: 'refused', costUsd: 0, status: 400 });
  });

  it('a retry is not counted twice', async () => {
    const upstream = await model(({ index }) => (index < 2 ? fail(500) : say('At last.')));
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    expect(await (await call(gateway.url, token, format)).text()).toContain('At last.');
    expect(upstream.requests).toHaveLength(3);
    expect(meter.started).toHaveLength(1);
    expect(meter.only).toMatchObject({ outcome: 'ok', retries: 2, estimated: false });
  });

  it('a rate limit is waited for as long as the provider asks', async () => {
    const asked = 150;
    const arrivals: number[] = [];
    const upstream = await model(({ index }) => {
      arrivals.push(performance.now());
      return index === 0
        ? fail(429, 'slow down', { headers: { 'retry-after-ms': String(asked) } })
        : say('Now.');
    });
    const { gateway, meter, token } = await setUp([provider('one', upstream.baseUrl)]);
    await (await call(gateway.url, token, format)).text();
    const [first = 0, second = 0] = arrivals;
    expect(second - first).toBeGreaterThanOrEqual(asked - 1);
    expect(meter.only).toMatchObject({ outcome: 'ok', retries: 1 });
  });

  it('an outage goes over to the next provider', async () => {
    const down = await model(() => fail(503));
    const up = await model(() => say('From the other one.'));
    const { gateway, meter, token } = await setUp([
      provider('down', down.baseUrl),
      provider('up', up.baseUrl),
    ]);
    const text = await (await call(gateway.url, token, format, { stream: true })).text();
    expect(text).toContain('From the');
    expect(meter.only).toMatchObject({ outcome: 'ok', target: { provider: 'up' } });
    expect(meter.started).toHaveLength(1);
  });

  it('a wrong key is not tried again, goes over, and is told without the key', async () => {
    const locked = await model(() => say('never'), { key: 'another' });
    const { gateway, meter, token } = await setUp([
      provider('locked', locked.baseUrl),
      provider('locked-too', locked.baseUrl),
    ]);
    const response = await call(gateway.url, token, format);
    expect(response.status).toBe(403);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const { message } = await errorOf(response);
    expect(message).toMatch(/locked: it refused its key .*; locked-too: it refused its key/);
    expect(message).not.toContain(KEY);
    expect(meter.only).toMatchObject({ outcome: 'refused', costUsd: 0, status: 401 });
  });
});

describe('calls that run at once', () => {
  it('never spend and reserve more than the cap together', async () => {
    const upstream = await model(() => say('word '.repeat(100), { before: after(20) }));
    const capUsd = 0.1;
    const meter = new AddingMeter(capUsd);
    const { gateway, token } = await setUp([provider('one', upstream.baseUrl)], { meter });
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const response = await call(gateway.url, token, 'openai-chat', { stream: true });
        await response.text();
        return response.status;
      }),
    );
    expect(statuses).toContain(200);
    expect(statuses).toContain(402);
    expect(meter.highestUsd).toBeLessThanOrEqual(capUsd);
    expect(meter.totalUsd()).toBeLessThanOrEqual(capUsd);
    // What the running calls did not use is free again.
    expect(meter.totalUsd()).toBeLessThan(capUsd / 2);
    expect((await call(gateway.url, token, 'openai-chat')).status).toBe(200);
  });
});

describe('a provider', () => {
  it('that cannot be reached costs nothing and is named', async () => {
    const { gateway, meter, token } = await setUp([provider('gone', 'http://127.0.0.1:9/v1')]);
    const response = await call(gateway.url, token, 'openai-chat');
    expect(response.status).toBe(503);
    expect((await errorOf(response)).message).toMatch(/gone: .*ECONNREFUSED.*\(3 tries\)/);
    expect(meter.only).toMatchObject({
      outcome: 'error',
      costUsd: 0,
      estimated: false,
      retries: 2,
    });
  });

  it.each<[string, Reply]>([
    ['hangs up', hangup],
    ['stalls', stall],
  ])('that %s may have worked: it is counted at its worst', async (_, reply) => {
    const upstream = await model(() => reply);
    const { gateway, meter, token } = await setUp([provider('odd', upstream.baseUrl)], {
      times: { headersMs: 100 },
    });
    expect((await call(gateway.url, token, 'openai-chat')).status).toBe(503);
    expect(meter.only).toMatchObject({
      outcome: 'error',
      estimated: true,
      costUsd: meter.started[0]?.maxCostUsd,
    });
  });

  it('that stalls is given up for the next one at once', async () => {
    const stalled = await model(() => stall);
    const up = await model(() => say('Here.'));
    const { gateway, meter, token } = await setUp(
      [provider('stalled', stalled.baseUrl), provider('up', up.baseUrl)],
      { times: { headersMs: 100 } },
    );
    expect(await (await call(gateway.url, token, 'openai-chat')).text()).toContain('Here.');
    expect(stalled.requests).toHaveLength(1);
    expect(meter.only).toMatchObject({ outcome: 'ok', target: { provider: 'up' } });
  });

  it('that falls silent in the middle is cut off', async () => {
    const upstream = await model(() => say('One. Two. Three.', { end: 'silent' }));
    const { gateway, meter, token } = await setUp([provider('mute', upstream.baseUrl)], {
      times: { idleMs: 100 },
    });
    const response = await call(gateway.url, token, 'openai-chat', { stream: true });
    await expect(response.text()).rejects.toThrow();
    expect(meter.only).toMatchObject({ outcome: 'cut', estimated: true });
    expect(meter.only.detail).toContain('nothing came for 0.1 s');
  });

  it('that keeps failing is left alone for a while', async () => {
    const upstream = await model(() => fail(500));
    const { gateway, token } = await setUp([provider('ill', upstream.baseUrl)]);
    await call(gateway.url, token, 'openai-chat');
    await call(gateway.url, token, 'openai-chat');
    const asked = upstream.requests.length;
    expect(asked).toBeGreaterThanOrEqual(5);
    const response = await call(gateway.url, token, 'openai-chat');
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(5);
    expect((await errorOf(response)).message).toContain('left alone');
    expect(upstream.requests).toHaveLength(asked);
  });

  it('whose model has no price is not called', async () => {
    const upstream = await model(() => say('Yes.'));
    const { gateway, meter, token } = await setUp([
      provider('one', upstream.baseUrl, { models: [{ name: 'gpt-5-unheard-of' }] }),
    ]);
    const response = await call(gateway.url, token, 'openai-chat');
    expect(response.status).toBe(403);
    const { type, message } = await errorOf(response);
    expect(type).toBe('price_unknown');
    expect(message).toMatch(/price-unknown: .*gpt-5-unheard-of.*config\.yaml/);
    expect(upstream.requests).toHaveLength(0);
    expect(meter.started).toHaveLength(0);
  });

  it('that is not paid by the token needs no price, and has no cost rather than none', async () => {
    const upstream = await model(() => say('Yes.'));
    const { gateway, meter, token } = await setUp([
      provider('local', upstream.baseUrl, { billing: 'local', models: [{ name: 'm' }], key: null }),
    ]);
    await (await call(gateway.url, token, 'openai-chat')).text();
    expect(meter.started[0]).toMatchObject({ billing: 'local', maxCostUsd: null });
    expect(meter.only).toMatchObject({ billing: 'local', costUsd: null, outcome: 'ok' });
    expect(meter.only.usage.input).toBeGreaterThan(0);
    expect(upstream.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('that does not speak the format is passed over, with a reason when no other does', async () => {
    const { gateway, token } = await setUp([
      provider('chat-only', 'http://127.0.0.1:9/v1', { formats: ['openai-chat'] }),
    ]);
    const response = await call(gateway.url, token, 'anthropic-messages');
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toContain('does not speak anthropic-messages');
  });

  it('is reserved for at the dearest of the prices that the route leads to', async () => {
    const upstream = await model(() => say('Yes.'));
    const dear = { input: PRICE.input * 3, output: PRICE.output * 3 };
    const { gateway, meter, token } = await setUp([
      provider('cheap', upstream.baseUrl),
      provider('dear', upstream.baseUrl, {
        models: [{ name: 'dear', price: dear, outputTokens: 1_000 }],
      }),
    ]);
    await (await call(gateway.url, token, 'openai-chat')).text();
    const { input = 0, output = 0 } = meter.started[0]?.maxTokens ?? {};
    expect(meter.started[0]?.maxCostUsd).toBeCloseTo((input * 30 + output * 60) / 1e6, 9);
    expect(meter.only.costUsd).toBeLessThan(CALL_USD);
  });
});

describe('books that cannot be kept', () => {
  it('keep a call from being sent', async () => {
    const upstream = await model(() => say('Yes.'));
    const meter = new AddingMeter();
    meter.reserve = () => Promise.reject(new Error('disk full'));
    const { gateway, token, errors } = await setUp([provider('one', upstream.baseUrl)], { meter });
    const response = await call(gateway.url, token, 'openai-chat');
    expect(response.status).toBe(500);
    expect((await errorOf(response)).message).not.toContain('disk full');
    expect(upstream.requests).toHaveLength(0);
    expect(errors).toEqual([new Error('disk full')]);
  });

  it('are told of, and do not spoil an answer that was paid for', async () => {
    const upstream = await model(() => say('Yes.'));
    const meter = new AddingMeter();
    meter.settle = () => Promise.reject(new Error('disk full'));
    const { gateway, token, errors } = await setUp([provider('one', upstream.baseUrl)], { meter });
    const response = await call(gateway.url, token, 'openai-chat', { stream: true });
    expect(await response.text()).toContain('Yes.');
    await vi.waitFor(() => expect(errors).toEqual([new Error('disk full')]));
  });
});

describe('no key', () => {
  it.each<[string, () => Reply]>([
    ['refused', () => fail(400, `your key ${KEY} is odd`, {})],
    ['locked out', () => fail(401, `wrong key ${KEY}`)],
    ['failing', () => fail(500, `boom ${KEY}`)],
    ['failing in plain text', () => fail(502, '', { body: `<html>${KEY}</html>` })],
    ['rate limited', () => fail(429, `limit of ${KEY}`, { headers: { 'retry-after': '100' } })],
  ])('is in any error or in the books of a call that was %s', async (_, reply) => {
    const upstream = await model(reply);
    const { gateway, meter, token, errors } = await setUp([provider('one', upstream.baseUrl)]);
    for (const format of FORMATS) {
      const response = await call(gateway.url, token, format);
      const all = JSON.stringify([...response.headers]) + (await response.text());
      expect(all).not.toContain(KEY);
    }
    expect(JSON.stringify([meter.started, meter.ended, errors])).not.toContain(KEY);
    await vi.waitFor(() => expect(meter.open).toBe(0));
  });
});
