import { describe, expect, it } from 'vitest';
import { ModelClient } from '../../../electron/gateway/modelClient.ts';
import { fail, say } from '../../models/reply.ts';
import { AddingMeter, FORMATS, model, provider, setUp } from './harness.ts';

const USED = { input: 30, output: 5, cacheRead: 0, cacheWrite: 0 };

describe.each(FORMATS)('a question of Vigil itself, in %s', (format) => {
  const question = {
    format,
    system: 'You write specs.',
    prompt: 'Write one.',
    maxTokens: 200,
    schema: { type: 'object', required: ['title'] },
  };

  it('is answered through the gateway, metered as any call', async () => {
    const server = await model(() => say('```json\n{"title":"x"}\n```', { usage: USED }));
    const { gateway, meter, token } = await setUp([provider('one', server.baseUrl)]);
    const answer = await new ModelClient(gateway.url).complete({ token, ...question });
    expect(answer).toEqual({ text: '{"title":"x"}', usage: USED });
    const [seen] = server.requests;
    expect(seen?.system).toContain('You write specs.');
    expect(seen?.system).toContain('"required":["title"]');
    expect(seen?.messages).toEqual([{ role: 'user', text: 'Write one.' }]);
    expect(seen?.maxTokens).toBe(200);
    expect(meter.only).toMatchObject({ outcome: 'ok', usage: USED });
  });

  it('tells a reached budget from a provider that fails', async () => {
    const server = await model(() => fail(400, 'no such thing'));
    const broke = await setUp([provider('one', server.baseUrl)], { meter: new AddingMeter(0) });
    await expect(
      new ModelClient(broke.gateway.url).complete({ token: broke.token, ...question }),
    ).rejects.toMatchObject({ code: 'budget-reached' });
    const { gateway, token } = await setUp([provider('one', server.baseUrl)]);
    await expect(
      new ModelClient(gateway.url).complete({ token, ...question }),
    ).rejects.toMatchObject({ code: 'provider-failed', message: 'no such thing' });
  });

  it('is not answered by nothing', async () => {
    const server = await model(() => say(''));
    const { gateway, token } = await setUp([provider('one', server.baseUrl)]);
    await expect(
      new ModelClient(gateway.url).complete({ token, ...question }),
    ).rejects.toMatchObject({ code: 'provider-failed' });
  });
});
