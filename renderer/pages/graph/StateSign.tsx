import { Group, Text } from '@mantine/core';
import { LOOKS, type TaskState } from './taskState.ts';
import classes from './graph.module.css';

/** The shape and the word of a state, as the graph draws it. */
export function StateSign({ state }: { state: TaskState }) {
  const { word, colour, path } = LOOKS[state];
  return (
    <Group gap={6} wrap="nowrap" component="span" c={`var(${colour})`}>
      <svg width="12" height="12" aria-hidden="true" className={classes.sign}>
        <path d={path} fill="currentColor" />
      </svg>
      <Text span size="xs">
        {word}
      </Text>
    </Group>
  );
}
