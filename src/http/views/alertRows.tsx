import type { JSX } from 'preact';
import type { AlertRow } from '../../model/alerts.ts';
import { AlertTitle } from './alertTitle.tsx';
import { SeverityMark, Tag } from './badges.tsx';
import { type Column, Table } from './table.tsx';
import { TicketLine } from './ticket.tsx';
import { Ago, When } from './time.tsx';

/** Why an alert has no ticket, in words for the one who looks for it. */
export const REASONS: Record<string, string> = {
  below_threshold: 'P3: a direct message only',
  flag_off: 'Automatic tickets are switched off',
  offline: 'We are offline ourselves',
  maintenance: 'Its surface is under maintenance',
  dependency: 'A surface that it depends on is failing',
  storm: 'Joins the umbrella ticket of a storm',
  freescout_unavailable: 'FreeScout does not answer; tried again by itself',
  silent: 'The sender has fallen silent',
  unstable_id: 'Perhaps another alert under a new id; looked at again',
  rejected: 'FreeScout refused this very ticket',
  filing: 'Being filed',
  resolved_before_filing: 'Resolved before it was filed',
};

const COLUMNS: Column<AlertRow>[] = [
  { title: 'Severity', cell: (row) => <SeverityMark severity={row.severity} /> },
  { title: 'Alert', heads: true, cell: (row) => <AlertTitle alert={row} url={row.url} /> },
  { title: 'State', cell: (row) => <State row={row} /> },
  { title: 'Since', cell: (row) => <When at={row.since} /> },
  { title: 'Ticket', cell: (row) => <TicketOrReason row={row} /> },
];

export function AlertTable({ alerts, caption }: { alerts: readonly AlertRow[]; caption: string }): JSX.Element {
  return <Table caption={caption} columns={COLUMNS} rows={alerts} rowId={(row) => `${row.alert_key} ${row.episode}`} />;
}

function toneOf({ state, severity }: AlertRow): 'good' | 'bad' | 'warn' {
  if (state === 'resolved') return 'good';
  return state === 'firing' && severity === 'P1' ? 'bad' : 'warn';
}

function State({ row }: { row: AlertRow }): JSX.Element {
  return (
    <span class="tags">
      <Tag tone={toneOf(row)}>{row.state}</Tag>
      {row.silent_since === null ? null : (
        <Tag tone="warn">
          silent since <Ago at={row.silent_since} />
        </Tag>
      )}
      {row.collision ? <Tag tone="warn">key collision</Tag> : null}
    </span>
  );
}

/** Why there will be no other ticket, where the one there was is gone or done. */
const NO_SECOND: Record<string, string> = {
  closed: 'A person closed it; this episode gets no second one.',
  spam: 'A person marked it as spam; this episode gets no second one.',
  gone: 'It is not in the mailbox any more; this episode gets no second one.',
};

function TicketOrReason({ row }: { row: AlertRow }): JSX.Element {
  const { ticket } = row;
  if (ticket !== null) {
    const why = row.state === 'resolved' ? undefined : NO_SECOND[ticket.status ?? ''];
    return (
      <>
        <TicketLine ticket={ticket} />
        {why === undefined ? null : <span class="row-facts">{why}</span>}
      </>
    );
  }
  const { no_ticket_reason: reason, state } = row;
  if (reason === 'storm' && state === 'resolved') {
    return <span class="quiet">Over before the umbrella ticket of a storm named it</span>;
  }
  return <span class="quiet">{reason === null ? 'None' : (REASONS[reason] ?? reason)}</span>;
}
