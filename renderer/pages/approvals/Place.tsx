import { useEffect, useLayoutEffect, useRef, type ReactNode } from 'react';

/** Holds a card; when the card is gone its place stays as high as it was, so that nothing below it moves. */
export function Place({ isGone, children }: { isGone: boolean; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  useEffect(() => {
    const element = place.current;
    if (isGone || !element) return;
    const observer = new ResizeObserver(() => {
      height.current = element.getBoundingClientRect().height;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isGone]);
  useLayoutEffect(() => {
    if (place.current) place.current.style.minHeight = isGone ? `${height.current}px` : '';
  }, [isGone]);
  return <div ref={place}>{children}</div>;
}
