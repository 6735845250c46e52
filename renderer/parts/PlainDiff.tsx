import { Code } from '@mantine/core';
import classes from './diff.module.css';

/** A diff as git prints it, with its lines marked. */
export function PlainDiff({ text }: { text: string }) {
  return (
    <Code block tabIndex={0} aria-label="Diff">
      {text
        .trimEnd()
        .split('\n')
        .map((line, index) => (
          <span key={index} className={classes[kindOf(line)]}>
            {line}
            {'\n'}
          </span>
        ))}
    </Code>
  );
}

function kindOf(line: string): string {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('diff ')) return 'file';
  if (line.startsWith('@@')) return 'hunk';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : 'same';
}
