import type { JSX } from 'preact';
import type { SuppressedAlert, SuppressedAlerts } from '../../model/alerts.ts';
import { REASONS } from './alertRows.tsx';
import { AlertTitle } from './alertTitle.tsx';
import { SeverityMark, Tag } from './badges.tsx';
import { type Column, Table } from './table.tsx';
import { When } from './time.tsx';

const COLUMNS: Column<SuppressedAlert>[] = [
  { title: 'Severity', cell: (row) => <SeverityMark severity={row.severity} /> },
  { title: 'Alert', heads: true, cell: (row) => <AlertTitle alert={row} /> },
  { title: 'State', cell: (row) => <State row={row} /> },
  { title: 'Since', cell: (row) => <When at={row.since} /> },
  { title: 'Held because', cell: (row) => <span class="quiet">{REASONS[row.reason] ?? row.reason}</span> },
];

/** What would have been filed: what keeps it from that, and whether it still may be. */
export function HeldBack({ held }: { held: SuppressedAlerts }): JSX.Element {
  const { active, ended, rows } = held;
  return (
    <section class="panel" id="held" aria-labelledby="held-title">
      <h2 id="held-title">Held back</h2>
      <p class="quiet">
        {active === 0
          ? 'No ticket is held back now.'
          : `${active} held now: each files at its next emission, once nothing holds it.`}
        {ended === 0 ? '' : ` ${ended} ended while held: nothing is filed for them any more.`}
        {active + ended > rows.length ? ` The latest ${rows.length} are shown.` : ''}
      </p>
      {rows.length === 0 ? null : (
        <Table
          caption="Alerts whose tickets are held back"
          columns={COLUMNS}
          rows={rows}
          rowId={(row) => `${row.alert_key} ${row.episode}`}
        />
      )}
    </section>
  );
}

function State({ row }: { row: SuppressedAlert }): JSX.Element {
  if (row.ended_at === null) return <Tag tone="warn">held</Tag>;
  return (
    <>
      <Tag>ended</Tag> <When at={row.ended_at} />
    </>
  );
}
