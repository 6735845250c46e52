import { Code } from '@mantine/core';
import { visible } from './visible.ts';

/** A sentence of the node; what stands between backticks is shown as code. */
export function Told({ children }: { children: string }) {
  return visible(children)
    .split('`')
    .map((part, index, parts) =>
      // A backtick without its second one is a character as any other.
      index % 2 === 1 && index < parts.length - 1 ? (
        <Code key={index} display="inline-block" maw="100%" style={{ verticalAlign: 'middle' }}>
          {part}
        </Code>
      ) : (
        `${index % 2 === 1 ? '`' : ''}${part}`
      ),
    );
}
