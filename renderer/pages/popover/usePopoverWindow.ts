import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';
import { shellBridge } from '../../api/shell.ts';

/** What is left free of the screen above and below, px. */
const MARGINS = 16;

/** Has the popover's window be as high as its content, from when that is there, and closes it with Escape. */
export function usePopoverWindow(isReady: boolean): RefObject<HTMLDivElement | null> {
  const panel = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = panel.current;
    const bridge = shellBridge();
    if (!isReady || !element || !bridge) return;
    // As high as it likes, not as its window is now: that follows.
    element.style.maxHeight = `${screen.availHeight - MARGINS}px`;
    const fit = () => void bridge.fit(Math.ceil(element.getBoundingClientRect().height));
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    fit();
    return () => observer.disconnect();
  }, [isReady]);

  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') void shellBridge()?.close();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  return panel;
}
