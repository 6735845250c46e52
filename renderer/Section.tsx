import { useId, type ReactNode } from 'react';

interface Props {
  title: string;
  count: number;
  /** What is said when there is nothing; without it an empty section would be a heading over nothing. */
  empty?: ReactNode;
  accent?: boolean;
  children: ReactNode;
}

/** A titled list with its count. */
export function Section({ title, count, empty, accent = false, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className={accent ? 'accent' : undefined}>
        {title} <span className="count">{count}</span>
      </h2>
      {count === 0 && empty !== undefined ? <p className="empty">{empty}</p> : children}
    </section>
  );
}
