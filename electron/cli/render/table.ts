import type { Look, Paint } from './look.ts';
import { clean, cut, displayWidth } from './text.ts';

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  readonly paint?: (row: Row) => Paint;
  readonly align?: 'right';
  /** A column that gives way when the terminal is narrow; the others keep their width. */
  readonly flexible?: boolean;
}

const GAP = 2;
/** Narrower than this a flexible column says nothing any more. */
const LEAST_WIDTH = 8;

/** A table whose lines are never wider than the look allows; columns that are empty are left out. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  look: Look,
): string[] {
  if (rows.length === 0) return [];
  const filled = columns
    .map((column) => ({ column, cells: rows.map((row) => clean(column.cell(row))) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const widths = fit(
    filled.map(({ column, cells }) => ({
      natural: Math.max(displayWidth(column.head), ...cells.map(displayWidth)),
      flexible: column.flexible === true,
    })),
    look.width,
  );
  const line = (texts: (index: number) => string, paint: (index: number) => Paint) =>
    cutLine(
      filled.map(({ column }, index) => {
        const width = widths[index] ?? 0;
        const text = cut(texts(index), width);
        const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
        const last = index === filled.length - 1;
        if (column.align === 'right') return { text: space + text, paint: paint(index) };
        return { text: last ? text : text + space, paint: paint(index) };
      }),
      look.width,
    );
  return [
    line(
      (index) => filled[index]?.column.head ?? '',
      () => look.colours.dim,
    ),
    ...rows.map((row, at) =>
      line(
        (index) => filled[index]?.cells[at] ?? '',
        (index) => filled[index]?.column.paint?.(row) ?? ((text) => text),
      ),
    ),
  ];
}

/** Takes what is too much from the widest flexible column, a column at a time. */
function fit(columns: readonly { natural: number; flexible: boolean }[], width: number): number[] {
  const widths = columns.map((column) => column.natural);
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP * (columns.length - 1) - width;
  while (excess > 0) {
    let widest = -1;
    columns.forEach((column, index) => {
      const own = widths[index] ?? 0;
      if (column.flexible && own > LEAST_WIDTH && own > (widths[widest] ?? 0)) widest = index;
    });
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

/** Joins cells, and cuts what even after fitting is wider than the terminal. */
function cutLine(cells: readonly { text: string; paint: Paint }[], width: number): string {
  let left = width;
  let line = '';
  for (const [index, { text, paint }] of cells.entries()) {
    const gap = index === 0 ? 0 : GAP;
    if (left <= gap) break;
    const shown = cut(text, left - gap);
    line += ' '.repeat(gap) + (shown.trim() === '' ? shown : paint(shown));
    left -= gap + displayWidth(shown);
  }
  return line.trimEnd();
}
