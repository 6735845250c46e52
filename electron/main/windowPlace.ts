import type { Rectangle } from 'electron';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Between the popover and what it hangs from, px. */
const GAP = 4;
/** Between the popover and the edge of the screen, px. */
const MARGIN = 8;

/**
 * Where the popover goes: centred on the icon, on the side of it that is free, within the screen. Where the
 * system does not say where the icon is (Linux), at the corner of the screen at which the pointer is.
 */
export function popoverPlace(
  icon: Rectangle | null,
  pointer: { readonly x: number; readonly y: number },
  screen: Rectangle,
  size: Size,
): Rectangle {
  const height = Math.min(size.height, screen.height - 2 * MARGIN);
  const right = screen.x + screen.width - size.width - MARGIN;
  const bottom = screen.y + screen.height - height - MARGIN;
  const within = (value: number, low: number, high: number) =>
    Math.round(Math.max(low, Math.min(high, value)));
  const middle = screen.y + screen.height / 2;
  const anchor = icon ?? { ...pointer, width: 0, height: 0 };
  const isAbove = anchor.y + anchor.height / 2 < middle;
  const x = anchor.x + anchor.width / 2 - size.width / 2;
  const y =
    icon === null
      ? isAbove
        ? screen.y
        : bottom
      : isAbove
        ? icon.y + icon.height + GAP
        : icon.y - height - GAP;
  return {
    x: within(x, screen.x + MARGIN, right),
    y: within(y, screen.y + MARGIN, bottom),
    width: size.width,
    height,
  };
}
