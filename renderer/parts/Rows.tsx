import type { ReactNode } from 'react';
import classes from './rows.module.css';

/** A list whose items are rows in one frame. */
export function Rows({ children }: { children: ReactNode }) {
  return <ul className={classes.rows}>{children}</ul>;
}
