import { Text, UnstyledButton } from '@mantine/core';
import type { NodeView } from '../../../shared/model/api.ts';
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
          const [colour, text] = lookOf(node);
          return (
            <UnstyledButton
              key={node.id}
              className={classes.line}
              onClick={() => openPlace('/nodes')}
            >
              <span className={classes.dot} style={{ background: colour }} aria-hidden />
              <Text size="sm" truncate component="span">
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

function lookOf({ up, draining, fitness, running, leads }: NodeView): [string, string] {
  const lead = leads ? ' · leads' : '';
  if (!up) return ['var(--vigil-line)', 'away'];
  if (running.length > 0) return ['var(--vigil-busy)', `works on ${running.join(', ')}${lead}`];
  if (draining) return ['var(--vigil-warn)', `draining${lead}`];
  const [trouble] = fitness.troubles;
  if (trouble) return ['var(--vigil-warn)', trouble.text + lead];
  return ['var(--vigil-good)', `idle${lead}`];
}
