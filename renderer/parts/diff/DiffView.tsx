import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { bytes, count } from '../../../shared/explain/format.ts';
import { DiffFileView } from './DiffFileView.tsx';
import { parseDiff } from './parseDiff.ts';

/** So many lines are open at first; what is beyond opens on demand. */
const OPEN_LINES = 400;
/** More files than this are counted, not shown. */
const MOST_FILES = 200;

interface Props {
  readonly text: string;
  /** Bytes after which the node cut it; null when it is whole. */
  readonly cutAtBytes: number | null;
}

/** A diff, file by file. */
export default function DiffView({ text, cutAtBytes }: Props) {
  const files = useMemo(() => parseDiff(text), [text]);
  if (files.length === 0)
    return (
      <Text size="sm" c="var(--vigil-soft)">
        It changes no file.
      </Text>
    );
  const total = (side: 'added' | 'removed') => files.reduce((sum, file) => sum + file[side], 0);
  let lines = 0;
  return (
    <Stack gap="xs">
      <Text size="sm" c="var(--vigil-soft)">
        {count(files.length, 'file')}, +{total('added')} −{total('removed')}
        {cutAtBytes !== null && `: only the first ${bytes(cutAtBytes)} of the diff are shown`}
        {files.length > MOST_FILES && `: only the first ${MOST_FILES} files are shown`}
      </Text>
      {files.slice(0, MOST_FILES).map((file, index) => {
        lines += file.added + file.removed;
        return <DiffFileView key={index} file={file} isOpenAtFirst={lines <= OPEN_LINES} />;
      })}
    </Stack>
  );
}
