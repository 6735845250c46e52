import { Anchor, Code } from '@mantine/core';
import { Link } from 'wouter';
import { placeOf } from './placeOf.ts';
import { visible } from './visible.ts';

/**
 * A sentence of the node; what stands between backticks is shown as code, and a command leads to the page
 * where the same is done.
 */
export function Told({ children }: { children: string }) {
  return visible(children)
    .split('`')
    .map((part, index, parts) =>
      // A backtick without its second one is a character as any other.
      index % 2 === 1 && index < parts.length - 1 ? (
        <Quoted key={index} text={part} />
      ) : (
        `${index % 2 === 1 ? '`' : ''}${part}`
      ),
    );
}

function Quoted({ text }: { text: string }) {
  const place = placeOf(text);
  const code = (
    <Code
      display="inline-block"
      maw="100%"
      c="inherit"
      // What is laid out as a block takes no line from the link around it.
      td={place === null ? 'none' : 'underline'}
      style={{ verticalAlign: 'middle' }}
    >
      {text}
    </Code>
  );
  if (place === null) return code;
  return (
    <Anchor component={Link} href={place} inherit c="inherit" underline="always">
      {code}
    </Anchor>
  );
}
