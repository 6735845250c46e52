import { Button, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { AgentRole } from '../../../shared/model/agent.ts';
import { clock, count } from '../../../shared/explain/format.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { useApi } from '../../api/context.tsx';
import { localOffset } from '../../parts/localOffset.ts';
import { Reading } from '../../parts/Reading.tsx';
import { visibleOutput } from '../../parts/visible.ts';
import { readTranscript, type Entry } from './transcript.ts';
import classes from './task.module.css';

/** What an agent writes is in no event, so the one transcript that is open is read again; ms. */
const FOLLOW_MS = 2_000;
const STEP_ENTRIES = 200;
const MOST_CHARS = 2_000;

interface Props {
  readonly task: TaskId;
  readonly attempt: number;
  readonly roles: readonly AgentRole[];
  readonly live: boolean;
}

/** What an agent was told, thought, said and did; the end of it, and what was before on demand. */
export function TranscriptView({ task, attempt, roles, live }: Props) {
  const api = useApi();
  const [chosen, setRole] = useState<string | null>(null);
  const [most, setMost] = useState(STEP_ENTRIES);
  const role = roles.find((each) => each === chosen) ?? roles.at(-1) ?? 'writer';
  const path = `/v1/tasks/${task}/attempts/${attempt}/transcript?role=${role}`;
  const read = useQuery({
    queryKey: ['transcript', path, live],
    queryFn: () => api.text(path),
    refetchInterval: live ? FOLLOW_MS : false,
  });
  const entries = useMemo(() => readTranscript(read.data ?? ''), [read.data]);
  const left = Math.max(0, entries.length - most);
  return (
    <Stack gap="xs">
      {roles.length > 1 && (
        <SegmentedControl
          size="xs"
          aria-label="Role"
          data={[...roles]}
          value={role}
          onChange={setRole}
        />
      )}
      <Reading of={read}>
        {() => (
          <>
            {left > 0 && (
              <Text size="xs" c="var(--vigil-soft)">
                {count(left, 'earlier entry').replace('entrys', 'entries')} not shown.{' '}
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => setMost((now) => now + STEP_ENTRIES)}
                >
                  Show {Math.min(left, STEP_ENTRIES)} more
                </Button>
              </Text>
            )}
            {entries.length === 0 && (
              <Text size="sm" c="var(--vigil-soft)">
                Nothing was written yet.
              </Text>
            )}
            <ol
              className={classes.transcript}
              tabIndex={0}
              aria-label={`Transcript of the ${role}`}
            >
              {entries.slice(left).map((entry, index) => (
                <Said key={left + index} entry={entry} />
              ))}
            </ol>
          </>
        )}
      </Reading>
    </Stack>
  );
}

function Said({ entry: { kind, atMs, text } }: { entry: Entry }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > MOST_CHARS;
  return (
    <li data-kind={kind}>
      <span className={classes.kind}>
        {kind}
        {atMs !== null && ` ${clock(atMs, localOffset(atMs))}`}
      </span>
      <div className={classes.said}>
        {visibleOutput(isWhole ? text : text.slice(0, MOST_CHARS))}
        {isLong && !isWhole && (
          <Button size="compact-xs" variant="default" ml="xs" onClick={() => setWhole(true)}>
            Show {text.length - MOST_CHARS} more characters
          </Button>
        )}
      </div>
    </li>
  );
}
