import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';

const DiffView = lazy(() => import('./DiffView.tsx'));

/** A unified diff; what shows it is loaded with the first one. */
export function Diff({ text, cutAtBytes }: { text: string; cutAtBytes: number | null }) {
  return (
    <Suspense fallback={<Skeleton h={120} />}>
      <DiffView text={text} cutAtBytes={cutAtBytes} />
    </Suspense>
  );
}
