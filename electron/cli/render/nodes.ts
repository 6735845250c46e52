import {
  describeHeat,
  describeMemory,
  describePower,
} from '../../../shared/explain/describeSenses.ts';
import { bytes, percent } from '../../../shared/explain/format.ts';
import type { NodeView } from '../../../shared/model/meshApi.ts';
import { facts, heading, paragraph } from './blocks.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';

/** The machines, one line each, with what keeps work from them; one alone is shown in full. */
export function renderNodes(nodes: readonly NodeView[], look: Look): string[] {
  const [only, ...others] = nodes;
  if (!only) return ['No nodes yet. Start one with `vigil up`.'];
  if (others.length === 0) return renderNode(only, look);
  const { colours } = look;
  return [
    ...table(
      nodes,
      [
        { head: 'node', cell: ({ id }) => id, paint: () => colours.bold },
        { head: 'name', cell: ({ name, self }) => (self ? `${name} (here)` : name) },
        { head: 'state', cell: stateOf, paint: (node) => statePaint(node, look) },
        { head: 'runs', cell: ({ running }) => running.join(' '), flexible: true },
        { head: 'heat', cell: ({ senses }) => (senses ? describeHeat(senses) : '') },
        { head: 'memory', cell: ({ senses }) => freeMemory(senses) },
        { head: 'power', cell: ({ senses }) => (senses ? describePower(senses) : '') },
        { head: 'disk', cell: ({ senses }) => freeDisk(senses) },
        {
          head: 'can',
          cell: ({ capabilities }) => capabilities.join(' '),
          flexible: true,
          paint: () => colours.dim,
        },
      ],
      look,
    ),
    ...nodes.flatMap((node) => troubles(node, look)),
  ];
}

/** One machine in full, with what it has shown and the evidence for it. */
export function renderNode(node: NodeView, look: Look): string[] {
  const { senses, slots } = node;
  const { colours } = look;
  return [
    `${colours.bold(node.id)}  ${statePaint(node, look)(stateOf(node))}`,
    ...facts(
      [
        ['name', node.self ? `${node.name} (here)` : node.name],
        ['version', node.version],
        [
          'slots',
          `cheap ${slots.cheap.used} of ${slots.cheap.max}, agent ${slots.agent.used} of ${slots.agent.max}`,
        ],
        ['runs', node.running.join(', ') || 'nothing'],
        ['heat', senses && (describeHeat(senses) || 'unknown')],
        ['memory', senses && (describeMemory(senses) || 'unknown')],
        ['load', senses && load(senses)],
        ['power', senses && (describePower(senses) || 'unknown')],
        ['disk', senses && (freeDisk(senses) || 'unknown')],
        ['can', node.capabilities.join(', ')],
      ],
      look,
    ),
    ...troubles(node, look),
    ...(node.profile.length === 0 ? [] : heading('What it has shown', look)),
    ...node.profile.flatMap(({ kind, text, evidence }) => {
      const sign = { strength: '+', weakness: '−', reliability: '·', duration: '·' }[kind];
      return paragraph(`${text} (${evidence})`, look, `  ${colours.dim(sign)} `);
    }),
  ];
}

function stateOf({ up, leads, draining, fitness }: NodeView): string {
  if (!up) return 'away';
  const words = [
    draining ? 'drained' : !fitness.any ? 'takes nothing' : !fitness.heavy ? 'light work' : 'ready',
    ...(leads ? ['leads'] : []),
  ];
  return words.join(', ');
}

function statePaint({ up, draining, fitness }: NodeView, { colours }: Look) {
  if (!up) return colours.dim;
  return draining || !fitness.heavy ? colours.yellow : colours.green;
}

function troubles({ id, draining, fitness, notes }: NodeView, look: Look): string[] {
  const mark = `  ${look.colours.yellow('!')} `;
  return [
    ...(draining
      ? [`${id} takes nothing new; ${look.command} undrain ${id} ends that.`]
      : fitness.troubles.map(({ text }) => `${id} ${text}.`)),
    ...notes.map((note) => `${id}: ${note}.`),
  ].flatMap((text) => paragraph(text, look, mark));
}

function freeMemory(senses: NodeView['senses']): string {
  const { availableBytes, totalBytes } = senses?.memory ?? {};
  if (availableBytes === null || availableBytes === undefined || !totalBytes) return '';
  return `${percent(availableBytes / totalBytes)} free`;
}

function freeDisk(senses: NodeView['senses']): string {
  const free = senses?.disk.freeBytes ?? null;
  return free === null ? '' : `${bytes(free)} free`;
}

function load({ cpu }: NonNullable<NodeView['senses']>): string {
  const cores = cpu.cores === null ? '' : ` of ${cpu.cores} cores`;
  return cpu.load === null ? 'unknown' : `${percent(cpu.load)}${cores}`;
}
