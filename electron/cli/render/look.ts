import type pc from 'picocolors';

type Colours = ReturnType<typeof pc.createColors>;
export type Paint = (text: string) => string;

/** What a view has to know of the place it is printed to. */
export interface Look {
  /** Columns that a line may take; `Infinity` on a pipe, where nothing is cut. */
  readonly width: number;
  readonly colours: Colours;
  readonly nowMs: number;
  /** How the user starts Vigil here: `vigil`, or `npx vigil` after `npm start` in a checkout. */
  readonly command: string;
}
