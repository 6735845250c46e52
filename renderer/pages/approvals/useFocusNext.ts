import { useEffect, useRef, type RefObject } from 'react';

/** When the card that had the focus is answered, gives the focus to the first that still waits. */
export function useFocusNext(list: RefObject<HTMLElement | null>, waiting: number): void {
  const hadFocus = useRef(false);
  useEffect(() => {
    const note = ({ target }: FocusEvent) => {
      hadFocus.current = target instanceof Node && list.current?.contains(target) === true;
    };
    document.addEventListener('focusin', note);
    return () => document.removeEventListener('focusin', note);
  }, [list]);
  useEffect(() => {
    if (hadFocus.current && document.activeElement === document.body)
      list.current?.querySelector<HTMLElement>('[data-answer-card]')?.focus();
  }, [list, waiting]);
}
