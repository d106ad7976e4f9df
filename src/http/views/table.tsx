import type { ComponentChildren, JSX } from 'preact';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** Numbers stand to the right, one under the other. */
  number?: boolean;
  /** Holds words that should not be broken. */
  roomy?: boolean;
  /** Names the row; exactly one column of a table does. */
  heads?: boolean;
}

interface TableProps<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
}

/**
 * A table that turns into a list of cards where the screen is narrow. The roles are written out since
 * browsers drop them once CSS changes how a table is laid out.
 */
export function Table<Row>({ caption, columns, rows, rowId }: TableProps<Row>): JSX.Element {
  return (
    <table class="table" role="table">
      <caption class="sr-only">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.title} role="columnheader" scope="col" class={lookOf(column)}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowId(row)} role="row">
            {columns.map((column) => (
              <Cell key={column.title} column={column}>
                {column.cell(row)}
              </Cell>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell<Row>({ column, children }: { column: Column<Row>; children: ComponentChildren }): JSX.Element {
  const common = { 'data-title': column.title, class: lookOf(column) };
  return column.heads ? (
    <th role="rowheader" scope="row" {...common}>
      <div class="cell">{children}</div>
    </th>
  ) : (
    <td role="cell" {...common}>
      <div class="cell">{children}</div>
    </td>
  );
}

function lookOf<Row>({ number, roomy }: Column<Row>): string | undefined {
  if (number) return 'number';
  return roomy ? 'roomy' : undefined;
}
