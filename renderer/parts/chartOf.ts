/** One line of a chart. */
export interface Line {
  readonly name: string;
  /** A token of the theme, e.g. `--vigil-busy`. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  /** For what is not measured: plans and projections. */
  readonly dashed?: boolean;
}

/** What a chart shows. */
export interface ChartOf {
  readonly title: string;
  /** ms since the epoch, rising. */
  readonly atMs: readonly number[];
  readonly lines: readonly Line[];
  readonly show: (value: number) => string;
  /** Whether values count something: the vertical axis begins at 0 and has whole numbers only. */
  readonly counts?: boolean;
  /** Bounds of the vertical axis where they are known. */
  readonly bounds?: readonly [number, number];
}
