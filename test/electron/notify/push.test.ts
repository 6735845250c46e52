import { expect, test } from 'vitest';
import { pushToNtfy, pushToWebhook } from '../../../electron/notify/push.ts';
import type { Notice } from '../../../shared/model/notice.ts';
import { HttpSink } from './httpSink.ts';

const NOTICE: Notice = {
  id: 'approval.A-3',
  level: 'critical',
  title: 'Größe? <b>A-3</b>',
  text: 'It publishes a package',
  place: '/approvals?show=A-3',
  answers: null,
  sinceMs: 1,
};

const to = (url: string, token: string | null = null) => ({
  url,
  token,
  link: 'http://127.0.0.1:4774/approvals?show=A-3',
  signal: new AbortController().signal,
  pausesMs: [1, 1],
});

test('ntfy gets the text, with title, priority, link and token as its protocol has them', async () => {
  const sink = await HttpSink.start();
  await pushToNtfy(NOTICE, to(`${sink.url}/my-topic`, 'tk_secret'));
  const [got] = sink.received;
  expect(got).toMatchObject({ path: '/my-topic', body: 'It publishes a package' });
  expect(got?.headers).toMatchObject({
    priority: '5',
    click: 'http://127.0.0.1:4774/approvals?show=A-3',
    authorization: 'Bearer tk_secret',
  });
  const [, encoded = ''] = /^=\?UTF-8\?B\?(.*)\?=$/.exec(String(got?.headers['title'])) ?? [];
  expect(Buffer.from(encoded, 'base64').toString()).toBe(NOTICE.title);
});

test('a webhook gets the notice as JSON', async () => {
  const sink = await HttpSink.start();
  await pushToWebhook(NOTICE, 'studio', to(`${sink.url}/hook`));
  const [got] = sink.received;
  expect(JSON.parse(got?.body ?? '')).toEqual({
    ...{ id: NOTICE.id, level: 'critical', title: NOTICE.title, text: NOTICE.text, node: 'studio' },
    ...{ link: 'http://127.0.0.1:4774/approvals?show=A-3', sinceMs: 1 },
  });
  expect(got?.headers['authorization']).toBe(undefined);
});

test('a server in trouble is tried again; one that refuses is not, and the path of the address is not told', async () => {
  const sink = await HttpSink.start();
  sink.answers = [503, 429, 200];
  await pushToWebhook(NOTICE, 'studio', to(`${sink.url}/secret-hook`));
  expect(sink.received.length).toBe(3);
  sink.answers = [403];
  const refused = pushToWebhook(NOTICE, 'studio', to(`${sink.url}/secret-hook`));
  await expect(refused).rejects.toThrow(/^127\.0\.0\.1:\d+ answered 403$/);
  expect(sink.received.length).toBe(4);
});

test('a redirection is not followed: the token goes where it was meant to, and nowhere else', async () => {
  const sink = await HttpSink.start();
  sink.answers = [307];
  await expect(pushToNtfy(NOTICE, to(`${sink.url}/t`, 'tk'))).rejects.toThrow('answered 307');
  expect(sink.received.length).toBe(1);
});

test('nobody at the other end is said as what it is', async () => {
  const gone = pushToNtfy(NOTICE, to('http://127.0.0.1:9/topic'));
  await expect(gone).rejects.toThrow(/^127\.0\.0\.1:9 can't be reached: /);
});
