import { Text, UnstyledButton } from '@mantine/core';
import type { CSSProperties } from 'react';
import type { NodeView } from '../../../shared/model/meshApi.ts';
import { visible } from '../../parts/visible.ts';
import { openPlace } from './openPlace.ts';
import classes from './popover.module.css';

/** Every other machine in a line: whether it is there, and what it does. */
export function MeshLines({ nodes }: { nodes: readonly NodeView[] }) {
  return (
    <section aria-label="Other machines" className={classes.part}>
      {nodes
        .filter(({ self }) => !self)
        .map((node) => {
          const { mark, text } = lookOf(node);
          return (
            <UnstyledButton
              key={node.id}
              className={classes.line}
              title={`${visible(node.name)}: ${text}`}
              onClick={() => openPlace('/nodes')}
            >
              <span className={classes.dot} style={mark} aria-hidden />
              <Text size="sm" truncate component="span" className={classes.name ?? ''}>
                {visible(node.name)}
              </Text>
              <Text size="xs" c="var(--vigil-soft)" truncate component="span" ml="auto">
                {text}
              </Text>
            </UnstyledButton>
          );
        })}
    </section>
  );
}

/** Who is away has an empty mark; what is wrong shows also while it works. */
function lookOf({ up, draining, fitness, running, leads }: NodeView): {
  readonly mark: CSSProperties;
  readonly text: string;
} {
  if (!up) return { mark: { boxShadow: 'inset 0 0 0 1.5px var(--vigil-soft)' }, text: 'away' };
  const works = running.length > 0 ? `works on ${running.join(', ')}` : null;
  const troubles = [...fitness.troubles.map(({ text }) => text), ...(draining ? ['draining'] : [])];
  const said = [
    ...troubles,
    works ?? (troubles.length > 0 ? null : 'idle'),
    leads ? 'leads' : null,
  ];
  const colour = troubles.length > 0 ? 'warn' : works === null ? 'good' : 'busy';
  return {
    mark: { background: `var(--vigil-${colour})` },
    text: said.filter((part) => part !== null).join(' · '),
  };
}
