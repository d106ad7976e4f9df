import type { JSX } from 'preact';
import { Empty, Section } from './elements.tsx';
import { Table, type TableProps } from './table.tsx';

interface TableSectionProps<Row> extends TableProps<Row> {
  id: string;
  title: string;
  /** In place of a table without rows. */
  empty: string;
}

/** A table under a heading. */
export function TableSection<Row>({ id, title, empty, ...table }: TableSectionProps<Row>): JSX.Element {
  return (
    <Section id={id} title={title}>
      {table.rows.length === 0 ? <Empty title={empty} /> : <Table {...table} />}
    </Section>
  );
}
