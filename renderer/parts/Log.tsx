import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { bytes } from '../../shared/explain/format.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { useApi } from '../api/context.tsx';
import { Trouble } from './Trouble.tsx';
import { visibleOutput } from './visible.ts';
import classes from './log.module.css';

/** Output is in no event, so the one log that a person has opened is read again as it grows; ms. */
const FOLLOW_MS = 1_000;
const TAIL_BYTES = 32_768;
/** The most that the node gives at once. */
const MOST_BYTES = 1_048_576;

interface Props {
  readonly task: TaskId;
  readonly attempt: number;
  /** Whether it still grows. */
  readonly live: boolean;
}

/** The end of what an attempt printed; of a running one it follows. */
export function Log({ task, attempt, live }: Props) {
  const api = useApi();
  const [tail, setTail] = useState(TAIL_BYTES);
  const path = `/v1/tasks/${task}/attempts/${attempt}/log?tail=${tail}`;
  const log = useQuery({
    queryKey: ['log', path, live],
    queryFn: () => api.text(path),
    refetchInterval: live ? FOLLOW_MS : false,
    placeholderData: (before) => before,
  });
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [log.data]);
  // The file comes with the first thing that is printed.
  if (log.error && !live) return <Trouble error={log.error} />;
  const text = log.data ?? '';
  const isCut = new TextEncoder().encode(text).length >= tail;
  return (
    <>
      {isCut && (
        <Group gap="xs" mb={4}>
          <Text size="xs" c="var(--vigil-soft)">
            Only the last {bytes(tail)} are shown.
          </Text>
          {tail < MOST_BYTES && (
            <Button size="compact-xs" variant="default" onClick={() => setTail(MOST_BYTES)}>
              Show up to {bytes(MOST_BYTES)}
            </Button>
          )}
        </Group>
      )}
      <pre
        ref={box}
        className={classes.log}
        tabIndex={0}
        aria-label={`Log of attempt ${attempt} of ${task}`}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {text.trim() === ''
          ? live
            ? 'No output yet.'
            : 'It printed nothing.'
          : visibleOutput(text)}
      </pre>
    </>
  );
}
