import type { JSX } from 'preact';
import { REASONS } from '../../alerts/noTicketSentences.ts';
import type { SuppressedAlert, SuppressedAlerts } from '../../model/alerts.ts';
import { AlertTitle } from './alertTitle.tsx';
import { SeverityBadge, Tag } from './badges.tsx';
import { type Column, Table } from './table.tsx';
import { TimestampWithAge } from './time.tsx';

const COLUMNS: Column<SuppressedAlert>[] = [
  { title: 'Severity', cell: (row) => <SeverityBadge severity={row.severity} /> },
  { title: 'Alert', isRowHeader: true, cell: (row) => <AlertTitle alert={row} /> },
  { title: 'State', cell: (row) => <State row={row} /> },
  { title: 'Since', cell: (row) => <TimestampWithAge at={row.since} /> },
  { title: 'Reason', cell: (row) => <span class="quiet">{REASONS[row.reason] ?? row.reason}</span> },
];

/** Alerts that would have a ticket if nothing suppressed it, with the reason. */
export function SuppressedAlertsPanel({ suppressed }: { suppressed: SuppressedAlerts }): JSX.Element {
  const { active, ended, rows } = suppressed;
  return (
    <section class="panel" id="suppressed" aria-labelledby="suppressed-title">
      <h2 id="suppressed-title">Suppressed tickets</h2>
      <p class="quiet">{summary(suppressed)}</p>
      {rows.length === 0 ? null : (
        <Table
          caption={`Alerts whose tickets are suppressed: ${active} active, ${ended} ended`}
          columns={COLUMNS}
          rows={rows}
          rowId={(row) => `${row.alert_key} ${row.episode}`}
        />
      )}
    </section>
  );
}

function summary({ active, ended, rows }: SuppressedAlerts): string {
  const sentences = [
    active === 0
      ? 'No ticket is suppressed now.'
      : `${active} active ${active === 1 ? 'alert' : 'alerts'} without a ticket. ` +
        'Each files one as soon as nothing suppresses it, while it is still active.',
  ];
  if (ended > 0) sentences.push(`${ended} ended while suppressed; no ticket will be filed for them.`);
  if (active + ended > rows.length) sentences.push(`The latest ${rows.length} are shown.`);
  return sentences.join(' ');
}

function State({ row }: { row: SuppressedAlert }): JSX.Element {
  if (row.ended_at === null) return <Tag tone="warn">suppressed</Tag>;
  return (
    <>
      <Tag>ended</Tag> <TimestampWithAge at={row.ended_at} />
    </>
  );
}
