import { useEffect, useState, type RefObject } from 'react';

/** How long a place stays where nobody points at the list, ms: long enough to see what became of it. */
const LINGER_MS = 3_000;

export interface Lingering<T> {
  readonly item: T;
  /** It is answered: its place is kept so that nothing moves under the pointer or a thumb. */
  readonly isGone: boolean;
}

/**
 * Items that wait for an answer, and those that just ceased to: a card that was answered elsewhere keeps its
 * place until the pointer and the focus have left the list.
 */
export function useLingering<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  list: RefObject<HTMLElement | null>,
): Lingering<T>[] {
  const [shown, setShown] = useState<readonly T[]>(items);
  const present = new Set(items.map(idOf));
  const known = new Set(shown.map(idOf));
  const news = items.filter((item) => !known.has(idOf(item)));
  const merged = [
    ...shown.map((old) => items.find((now) => idOf(now) === idOf(old)) ?? old),
    ...news,
  ];
  const gone = merged.filter((item) => !present.has(idOf(item)));
  if (news.length > 0) setShown(merged);

  const goneIds = gone.map(idOf).join(' ');
  useEffect(() => {
    const element = list.current;
    if (goneIds === '' || !element) return;
    const ids = new Set(goneIds.split(' '));
    const drop = () => {
      const isUsed = element.matches(':hover') || element.contains(document.activeElement);
      if (!isUsed) setShown((now) => now.filter((item) => !ids.has(idOf(item))));
    };
    const timer = window.setInterval(drop, LINGER_MS);
    element.addEventListener('pointerleave', drop);
    return () => {
      window.clearInterval(timer);
      element.removeEventListener('pointerleave', drop);
    };
  }, [goneIds, idOf, list]);

  return merged.map((item) => ({ item, isGone: !present.has(idOf(item)) }));
}
