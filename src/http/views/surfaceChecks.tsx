import type { JSX } from 'preact';
import type { SurfaceStory } from '../../model/surfaces.ts';
import { Tag } from './badges.tsx';
import { Empty } from './elements.tsx';
import { type Column, Table } from './table.tsx';
import { formatLatency, TimestampWithAge } from './time.tsx';

type Check = SurfaceStory['checks'][number];

const TONES: Record<string, 'good' | 'warn' | 'bad'> = { up: 'good', slow: 'warn', down: 'bad' };

const COLUMNS: Column<Check>[] = [
  { title: 'Time', isRowHeader: true, cell: (check) => <TimestampWithAge at={check.at} /> },
  { title: 'Outcome', cell: (check) => <Tag tone={TONES[check.outcome] ?? 'calm'}>{check.outcome}</Tag> },
  {
    title: 'Latency',
    numeric: true,
    cell: (check) => (check.latency_ms === null ? '–' : formatLatency(check.latency_ms)),
  },
  { title: 'HTTP status', numeric: true, cell: (check) => check.http_status ?? '–' },
  { title: 'Error', cell: (check) => check.error ?? <span class="quiet">none</span> },
];

export function CheckTable({ checks }: { checks: readonly Check[] }): JSX.Element {
  if (checks.length === 0) {
    return (
      <Empty title="No checks yet.">
        <p>The first check runs within one polling interval. If it does not, check that a worker is running.</p>
      </Empty>
    );
  }
  return <Table caption="Last checks" columns={COLUMNS} rows={checks} rowId={(check) => check.at} />;
}
