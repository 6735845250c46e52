import { expect, test } from 'vitest';
import { routeChanges } from '../../../shared/decide/adapted.ts';
import { NO_ROUTES, observeRouted, type Routes } from '../../../shared/learn/routing.ts';
import { AgentChoice } from '../../../shared/model/agent.ts';
import { describeAdaptation } from '../../../shared/explain/describeAdaptation.ts';
import { app, START_MS } from '../explain/log.ts';

const choice = (provider: string) =>
  AgentChoice.parse({ agent: 'opencode', target: { provider, model: 'one' } });

/** Results of two providers by turns, of which one succeeds. */
function results(before: Routes, good: string, times: number): Routes[] {
  const states = [before];
  for (let at = 0; at < times; at += 1)
    for (const provider of ['alpha', 'beta']) {
      const success = provider === good;
      const end = { success, quality: success ? 0.9 : 0, costUsd: 0.1, durationMs: 60_000 };
      const routed = { kind: 'agent fix', choice: choice(provider), ...end };
      states.push(observeRouted(states.at(-1) ?? NO_ROUTES, routed, START_MS));
    }
  return states;
}

const told = (states: readonly Routes[]) =>
  states.flatMap((after, at) => routeChanges(states[at - 1] ?? after, after));

test('who gets most of a kind of work is told when it changes, once, and not while two are alike', () => {
  const first = results(NO_ROUTES, 'alpha', 30);
  expect(told(first)).toMatchObject([{ work: 'agent fix', to: 'opencode/alpha/one' }]);
  const second = results(first.at(-1) ?? NO_ROUTES, 'beta', 60);
  const changes = told(second);
  expect(changes).toMatchObject([{ work: 'agent fix', to: 'opencode/beta/one' }]);
  const text = changes.map((change) => describeAdaptation(change, app)).join();
  expect(text).toMatch(/^most agent fix tasks go to opencode\/beta\/one from now on \(6\d %\)/);
});
