import type { ComponentChildren, JSX } from 'preact';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** Aligned to the right. */
  numeric?: boolean;
  /** Needs room for long words. */
  wide?: boolean;
  /** Names the row; exactly one column has it. */
  isRowHeader?: boolean;
}

export interface TableProps<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
}

/** On a narrow screen each row becomes a card. The roles are explicit because browsers drop them when CSS changes `display`. */
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
  return column.isRowHeader ? (
    <th role="rowheader" scope="row" {...common}>
      <div class="cell">{children}</div>
    </th>
  ) : (
    <td role="cell" {...common}>
      <div class="cell">{children}</div>
    </td>
  );
}

function lookOf<Row>({ numeric, wide }: Column<Row>): string | undefined {
  if (numeric) return 'numeric';
  return wide ? 'wide' : undefined;
}
