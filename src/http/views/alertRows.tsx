import type { JSX } from 'preact';
import { REASONS } from '../../alerts/noTicketSentences.ts';
import type { AlertRow } from '../../model/alerts.ts';
import { AlertTitle } from './alertTitle.tsx';
import { SeverityBadge, Tag } from './badges.tsx';
import { ResolveAlert } from './resolveAlert.tsx';
import { SilencedNote } from './silences.tsx';
import { type Column, Table } from './table.tsx';
import { TicketSummary } from './ticket.tsx';
import { RelativeTime, TimestampWithAge } from './time.tsx';

const COLUMNS: Column<AlertRow>[] = [
  { title: 'Severity', cell: (row) => <SeverityBadge severity={row.severity} /> },
  { title: 'Alert', isRowHeader: true, cell: (row) => <AlertTitle alert={row} url={row.url} /> },
  { title: 'State', cell: (row) => <AlertState row={row} /> },
  { title: 'Since', cell: (row) => <TimestampWithAge at={row.since} /> },
  { title: 'Ticket', cell: (row) => <TicketOrReason row={row} /> },
];

export function AlertTable({ alerts, caption }: { alerts: readonly AlertRow[]; caption: string }): JSX.Element {
  return <Table caption={caption} columns={COLUMNS} rows={alerts} rowId={(row) => `${row.alert_key} ${row.episode}`} />;
}

function toneOf({ state, severity }: AlertRow): 'good' | 'bad' | 'warn' {
  if (state === 'resolved') return 'good';
  return state === 'firing' && severity === 'P1' ? 'bad' : 'warn';
}

export function AlertState({ row, from = 'list' }: { row: AlertRow; from?: 'list' | 'alert' }): JSX.Element {
  return (
    <>
      <span class="tags">
        <Tag tone={toneOf(row)}>{row.state}</Tag>
        {row.silent_since === null ? null : (
          <Tag tone="warn">
            silent: last reported <RelativeTime at={row.silent_since} />
          </Tag>
        )}
        {row.collision ? <Tag tone="warn">key collision</Tag> : null}
        {row.state === 'resolved' ? null : <ResolveAlert alertKey={row.alert_key} from={from} />}
      </span>
      <SilencedNote silenced={row.silenced} />
    </>
  );
}

/** Why an active alert gets no second ticket although its first one is no longer open. */
const NO_SECOND_TICKET: Record<string, string> = {
  closed: 'A person closed it. This episode files no second ticket.',
  spam: 'A person marked it as spam. This episode files no second ticket.',
  gone: 'It is no longer in the mailbox. This episode files no second ticket.',
};

export function TicketOrReason({ row }: { row: AlertRow }): JSX.Element {
  const { ticket } = row;
  if (ticket !== null) {
    const note = row.state === 'resolved' ? undefined : NO_SECOND_TICKET[ticket.status ?? ''];
    return (
      <>
        <TicketSummary ticket={ticket} />
        {row.ticket_continued ? <span class="row-facts">Continued: filed for an earlier episode.</span> : null}
        {note === undefined ? null : <span class="row-facts">{note}</span>}
      </>
    );
  }
  const { no_ticket_reason: reason, state } = row;
  if (reason === 'storm' && state === 'resolved') {
    return <span class="quiet">Resolved before the umbrella ticket of an alert storm listed it</span>;
  }
  return <span class="quiet">{reason === null ? 'None' : (REASONS[reason] ?? reason)}</span>;
}
