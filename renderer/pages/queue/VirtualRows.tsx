import { Skeleton } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import rows from '../../parts/rows.module.css';
import classes from './queue.module.css';

/** A row with a line under its title, px; each is measured when it is shown. */
const ROW_HEIGHT_PX = 61;
/** Rows that are ready above and below what can be seen. */
const OVERSCAN = 8;

interface Props<T> {
  /** The first of them that have been read. */
  readonly items: readonly T[];
  readonly total: number;
  readonly keyOf: (item: T) => string;
  /** Told of a row that is in sight and has not been read. */
  readonly onMissing?: (index: number) => void;
  /** Shows one item, within the list item that is made for it. */
  readonly children: (item: T) => ReactNode;
}

/** A list of any length of which only what can be seen is in the page. */
export function VirtualRows<T>({ items, total, keyOf, onMissing, children }: Props<T>) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  // What is above may have changed its height.
  useLayoutEffect(() => {
    const now = list.current ? list.current.getBoundingClientRect().top + window.scrollY : 0;
    if (Math.abs(now - top) > 1) setTop(now);
  });
  const virtualizer = useWindowVirtualizer({
    count: total,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
  });
  const shown = virtualizer.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= items.length) onMissing?.(last);
  }, [last, items.length, onMissing]);
  return (
    <ul
      ref={list}
      className={`${rows.rows ?? ''} ${classes.list ?? ''}`}
      style={{ height: virtualizer.getTotalSize() }}
    >
      {shown.map(({ index, key, start }) => {
        const item = items[index];
        return (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            aria-setsize={total}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start - top}px)` }}
          >
            {item === undefined ? <Skeleton h={ROW_HEIGHT_PX / 2} /> : children(item)}
          </li>
        );
      })}
    </ul>
  );
}
