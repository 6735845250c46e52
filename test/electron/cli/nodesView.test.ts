import pc from 'picocolors';
import { expect, test } from 'vitest';
import { renderNodes } from '../../../electron/cli/render/nodes.ts';
import type { Look } from '../../../electron/cli/render/look.ts';
import { displayWidth } from '../../../electron/cli/render/text.ts';
import { NodeView } from '../../../shared/model/meshApi.ts';
import { FIT } from '../../../shared/model/senses.ts';
import { senses } from '../../shared/decide/senses.ts';

const look: Look = { width: Infinity, colours: pc.createColors(false), nowMs: 0, command: 'vigil' };

function node(id: string, changes: object = {}): NodeView {
  return NodeView.parse({
    id,
    name: id,
    self: false,
    up: true,
    leads: false,
    draining: false,
    version: '1.0.0',
    fitness: FIT,
    senses: null,
    running: [],
    slots: { agent: { used: 0, max: 1 }, cheap: { used: 0, max: 1 } },
    capabilities: ['linux', 'x64'],
    profile: [],
    notes: [],
    ...changes,
  });
}

const studio = node('n-studio', {
  self: true,
  leads: true,
  running: ['T-4'],
  senses: senses({
    thermal: { level: 'nominal', celsius: 61.4 },
    memory: { totalBytes: 64e9, availableBytes: 32e9 },
    cpu: { cores: 12, load: 0.25 },
    power: { source: 'ac' },
    disk: { freeBytes: 412e9, totalBytes: 1e12 },
  }),
});
const laptop = node('n-laptop', {
  fitness: {
    any: true,
    heavy: false,
    steady: false,
    troubles: [{ kind: 'battery', bars: 'heavy', text: 'is on battery (43 %)' }],
  },
  senses: senses({ power: { source: 'battery', charge: 0.41 } }),
  notes: ['the machine is not kept awake: caffeinate is not there'],
});

test('each machine is one line, and what keeps work from it follows in words', () => {
  const lines = renderNodes(
    [studio, laptop, node('n-box', { draining: true }), node('n-old', { up: false })],
    look,
  );
  expect(lines[0]).toMatch(/^node +name +state +runs +heat +memory +power +disk +can$/);
  expect(lines[1]).toMatch(
    /^n-studio +n-studio \(here\) +ready, leads +T-4 +nominal 61 °C +50 % free +plugged in +412 GB free +linux x64$/,
  );
  expect(lines[2]).toMatch(/^n-laptop +n-laptop +light work +on battery \(41 %\)/);
  expect(lines[3]).toMatch(/^n-box +n-box +drained/);
  expect(lines[4]).toMatch(/^n-old +n-old +away/);
  expect(lines.slice(5).map((line) => line.trim())).toEqual([
    '! n-laptop is on battery (43 %).',
    '! n-laptop: the machine is not kept awake: caffeinate is not there.',
    '! n-box takes nothing new; vigil undrain n-box ends that.',
  ]);
});

test('a lone machine is shown in full, with its profile; what is unknown is called so', () => {
  const profile = [
    { kind: 'strength', text: '97 % of agent fix succeeds', evidence: '29 of 30 attempts' },
    { kind: 'weakness', text: 'slower at agent docs', evidence: '4 that succeeded' },
  ];
  const text = renderNodes([{ ...laptop, profile } as NodeView], look).join('\n');
  expect(text).toMatch(/heat +unknown/);
  expect(text).toMatch(/power +on battery \(41 %\)/);
  expect(text).toContain('+ 97 % of agent fix succeeds (29 of 30 attempts)');
  expect(text).toContain('− slower at agent docs (4 that succeeded)');
  expect(renderNodes([], look)).toEqual(['No nodes yet. Start one with `vigil up`.']);
});

test('a narrow terminal gets no line that is wider', () => {
  const many = node('n-many', {
    capabilities: Array.from({ length: 30 }, (_, at) => `label-${at}`),
  });
  for (const line of renderNodes([studio, laptop, many], { ...look, width: 100 }))
    expect(displayWidth(line)).toBeLessThanOrEqual(100);
});
