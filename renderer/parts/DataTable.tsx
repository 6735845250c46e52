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

/** Rows of figures; on a narrow page it scrolls by itself. */
export function DataTable({ caption, columns, rows }: Props) {
  const isNumber = (column: number) => columns[column]?.startsWith('#') === true;
  const className = (column: number) => (isNumber(column) ? (classes.number ?? '') : '');
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={caption}>
      <Table verticalSpacing={6} horizontalSpacing="md" className={classes.table ?? ''}>
        <caption>
          <VisuallyHidden>{caption}</VisuallyHidden>
        </caption>
        <Table.Thead>
          <Table.Tr>
            {columns.map((title, column) => (
              <Table.Th key={title} scope="col" className={className(column)}>
                {title.replace(/^#/, '')}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, cells }) => (
            <Table.Tr key={key}>
              {cells.map((cell, column) => (
                <Table.Td key={columns[column]} className={className(column)}>
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
