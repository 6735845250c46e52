import { Button, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { count } from '../../../shared/explain/format.ts';
import { visible } from '../visible.ts';
import type { Piece } from './highlight.ts';
import type { DiffFile, DiffHunk, DiffLine } from './parseDiff.ts';
import { useHighlight } from './useHighlight.ts';
import classes from './diff.module.css';

/** Lines of a file that are shown at once. */
const STEP_LINES = 1_000;
/** A longer line is no line that a person reads. */
const MOST_LINE_CHARS = 1_000;

interface Props {
  readonly file: DiffFile;
  readonly isOpenAtFirst: boolean;
}

/** What changes in one file; nothing is drawn while it is closed. */
export function DiffFileView({ file, isOpenAtFirst }: Props) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const [most, setMost] = useState(STEP_LINES);
  const { shown, left } = useMemo(() => firstLines(file.hunks, most), [file, most]);
  const pieces = useHighlight(file.path, shown, isOpen);
  return (
    <details
      className={classes.file}
      open={isOpen}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>
        <span className={classes.path}>{visible(file.path) || 'diff'}</span>{' '}
        <span className={classes.figures}>
          {file.change !== 'changed' && `${file.change} `}
          <span className={classes.plus}>+{file.added}</span>{' '}
          <span className={classes.minus}>−{file.removed}</span>
        </span>
      </summary>
      {isOpen && (
        <div
          className={classes.code}
          tabIndex={0}
          role="region"
          aria-label={`Diff of ${file.path}`}
        >
          <table>
            <tbody>
              {file.notes.map((note, index) => (
                <Row key={`note ${index}`} sign="" className={classes.note} text={note} />
              ))}
              {shown.map((hunk, at) => (
                <Hunk key={at} hunk={hunk} pieces={pieces} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {isOpen && left > 0 && (
        <Text size="xs" p="xs" c="var(--vigil-soft)">
          {count(left, 'more line')} not shown.{' '}
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => setMost((now) => now + STEP_LINES)}
          >
            Show the next {Math.min(left, STEP_LINES)}
          </Button>
        </Text>
      )}
    </details>
  );
}

function Hunk({ hunk, pieces }: { hunk: DiffHunk; pieces: ReadonlyMap<DiffLine, Piece[]> }) {
  return (
    <>
      <Row sign="" className={classes.hunk} text={hunk.header} />
      {hunk.lines.map((line, index) => (
        <Row
          key={index}
          before={line.before}
          after={line.after}
          sign={SIGNS[line.kind]}
          className={classes[line.kind]}
          text={line.text}
          pieces={pieces.get(line)}
        />
      ))}
    </>
  );
}

interface RowProps {
  readonly before?: number | null;
  readonly after?: number | null;
  readonly sign: string;
  readonly className: string | undefined;
  readonly text: string;
  readonly pieces?: Piece[] | undefined;
}

function Row({ before = null, after = null, sign, className, text, pieces }: RowProps) {
  const isLong = text.length > MOST_LINE_CHARS;
  return (
    <tr className={className}>
      <td className={classes.place} data-line={before ?? ''} />
      <td className={classes.place} data-line={after ?? ''} />
      <td className={classes.line}>
        {sign}
        {pieces && !isLong
          ? pieces.map((piece, index) => (
              <span key={index} className={piece.shade === null ? undefined : classes[piece.shade]}>
                {visible(piece.text)}
              </span>
            ))
          : visible(text.slice(0, MOST_LINE_CHARS))}
        {isLong && ` … ${text.length - MOST_LINE_CHARS} more characters`}
      </td>
    </tr>
  );
}

const SIGNS = { same: ' ', added: '+', removed: '-', note: '' } as const;

function firstLines(hunks: readonly DiffHunk[], most: number): { shown: DiffHunk[]; left: number } {
  const shown: DiffHunk[] = [];
  let room = most;
  let left = 0;
  for (const { header, lines } of hunks) {
    if (room > 0) shown.push({ header, lines: lines.slice(0, room) });
    left += Math.max(0, lines.length - Math.max(0, room));
    room -= lines.length;
  }
  return { shown, left };
}
