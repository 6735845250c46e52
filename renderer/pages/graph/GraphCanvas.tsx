import { ActionIcon, Group, useComputedColorScheme } from '@mantine/core';
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, type PointerEvent } from 'react';
import type { GraphView } from '../../../shared/model/taskApi.ts';
import { draw, type Camera } from './draw.ts';
import { BOX, layoutGraph, type Layout } from './layout.ts';
import classes from './graph.module.css';

interface Props {
  readonly view: GraphView;
  readonly marked: string | null;
  readonly onMark: (id: string | null) => void;
  readonly onOpen: (id: string) => void;
}

const SCALE = { least: 0.03, most: 2 };
const ZOOM_STEP = 1.3;
/** A press that moves less is a click, px. */
const CLICK_PX = 4;
/** Around what is fitted, px. */
const MARGIN = 24;

/**
 * The graph on a canvas of its own: with thousands of tasks an element for each is what makes panning stutter.
 * What it shows is also in the list beside it, which is how one reads it without seeing.
 */
export function GraphCanvas({ view, marked, onMark, onOpen }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const camera = useRef<Camera | null>(null);
  const frame = useRef(0);
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const scheme = useComputedColorScheme('light');
  const layout = useMemo(
    () =>
      layoutGraph(
        view.tasks.map(({ id }) => id),
        view.edges,
      ),
    [view],
  );

  const paint = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      const element = canvas.current;
      const context = element?.getContext('2d');
      if (!element || !context) return;
      const size = {
        width: element.clientWidth,
        height: element.clientHeight,
        ratio: window.devicePixelRatio,
      };
      const [width, height] = [size.width * size.ratio, size.height * size.ratio].map(Math.round);
      if (element.width !== width) element.width = width ?? 0;
      if (element.height !== height) element.height = height ?? 0;
      camera.current ??= fitted(layout, size);
      const styles = getComputedStyle(element);
      const colour = (token: string) => styles.getPropertyValue(token);
      draw(context, { view, layout, marked, colour }, camera.current, size);
    });
  }, [view, layout, marked]);

  useEffect(() => {
    paint();
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(paint);
    observer.observe(element);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
    };
  }, [paint, scheme]);

  const zoom = useCallback(
    (factor: number, at?: { x: number; y: number }) => {
      const element = canvas.current;
      const from = camera.current;
      if (!element || !from) return;
      const point = at ?? { x: element.clientWidth / 2, y: element.clientHeight / 2 };
      const scale = Math.min(SCALE.most, Math.max(SCALE.least, from.scale * factor));
      const ratio = scale / from.scale;
      camera.current = {
        scale,
        x: point.x - (point.x - from.x) * ratio,
        y: point.y - (point.y - from.y) * ratio,
      };
      paint();
    },
    [paint],
  );

  // React listens to wheels passively, and the page would scroll too.
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400), { x: event.offsetX, y: event.offsetY });
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [zoom]);

  const taskAt = ({ nativeEvent: { offsetX, offsetY } }: PointerEvent): string | null => {
    const from = camera.current;
    if (!from) return null;
    const [x, y] = [(offsetX - from.x) / from.scale, (offsetY - from.y) / from.scale];
    for (const [id, place] of layout.places)
      if (x >= place.x && x <= place.x + BOX.width && y >= place.y && y <= place.y + BOX.height)
        return id;
    return null;
  };

  return (
    <div className={classes.frame}>
      <canvas
        ref={canvas}
        className={classes.canvas}
        role="img"
        aria-label={`Graph of ${view.tasks.length} tasks; the list of tasks has the same`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { x: event.clientX, y: event.clientY, moved: false };
        }}
        onPointerMove={(event) => {
          const held = drag.current;
          if (!held) {
            const id = taskAt(event);
            event.currentTarget.style.cursor = id === null ? 'grab' : 'pointer';
            if (id !== marked) onMark(id);
            return;
          }
          const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
          if (!held.moved && Math.hypot(dx, dy) < CLICK_PX) return;
          drag.current = { x: event.clientX, y: event.clientY, moved: true };
          const from = camera.current;
          if (from) camera.current = { ...from, x: from.x + dx, y: from.y + dy };
          paint();
        }}
        onPointerUp={(event) => {
          const id = drag.current?.moved === false ? taskAt(event) : null;
          drag.current = null;
          if (id !== null) onOpen(id);
        }}
        onPointerLeave={() => onMark(null)}
      />
      <Group gap={4} className={classes.zoom ?? ''}>
        <ActionIcon variant="default" aria-label="Zoom in" onClick={() => zoom(ZOOM_STEP)}>
          <IconPlus size={16} />
        </ActionIcon>
        <ActionIcon variant="default" aria-label="Zoom out" onClick={() => zoom(1 / ZOOM_STEP)}>
          <IconMinus size={16} />
        </ActionIcon>
        <ActionIcon
          variant="default"
          aria-label="Show all"
          onClick={() => {
            camera.current = null;
            paint();
          }}
        >
          <IconFocusCentered size={16} />
        </ActionIcon>
      </Group>
    </div>
  );
}

/** All of it, or as much from its top left corner as can be seen at the least scale. */
function fitted(layout: Layout, size: { width: number; height: number }): Camera {
  const scale = Math.min(
    1,
    Math.max(
      SCALE.least,
      Math.min(
        (size.width - 2 * MARGIN) / Math.max(1, layout.width),
        (size.height - 2 * MARGIN) / Math.max(1, layout.height),
      ),
    ),
  );
  return {
    scale,
    x: Math.max(MARGIN, (size.width - layout.width * scale) / 2),
    y: Math.max(MARGIN, (size.height - layout.height * scale) / 2),
  };
}
