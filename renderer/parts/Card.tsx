import { Paper, type PaperProps } from '@mantine/core';
import type { ComponentPropsWithRef } from 'react';

/** A thing of its own on the page's ground. */
export function Card(props: PaperProps & ComponentPropsWithRef<'div'>) {
  return (
    <Paper
      p="md"
      bg="var(--vigil-card)"
      {...props}
      style={{ border: '1px solid var(--vigil-line)' }}
    />
  );
}
