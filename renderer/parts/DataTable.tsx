import { Table, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './dataTable.module.css';

interface Props {
  /** What the table tells, for those who hear it. */
  readonly caption: string;
  /** Titles of the columns; one that begins with `#` holds numbers. */
  readonly columns: readonly string[];
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
}

/** More than these don't fit beside each other on a telephone. */
const MOST_BESIDE = 3;

/** Rows of figures; on a narrow page each row of many becomes a list of its titles and values. */
export function DataTable({ caption, columns, rows }: Props) {
  const isNumber = (column: number) => columns[column]?.startsWith('#') === true;
  const className = (column: number) => (isNumber(column) ? (classes.number ?? '') : '');
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={caption}>
      {/* The roles are said, because what is laid out in another way loses its own. */}
      <Table
        verticalSpacing={6}
        horizontalSpacing="md"
        role="table"
        className={`${classes.table ?? ''} ${columns.length > MOST_BESIDE ? (classes.stacks ?? '') : ''}`}
      >
        <caption>
          <VisuallyHidden>{caption}</VisuallyHidden>
        </caption>
        <Table.Thead role="rowgroup">
          <Table.Tr role="row">
            {columns.map((title, column) => (
              <Table.Th key={title} role="columnheader" scope="col" className={className(column)}>
                {title.replace(/^#/, '')}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody role="rowgroup">
          {rows.map(({ key, cells }) => (
            <Table.Tr key={key} role="row">
              {cells.map((cell, column) => (
                <Table.Td
                  key={columns[column]}
                  role="cell"
                  data-title={columns[column]?.replace(/^#/, '')}
                  className={className(column)}
                >
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
