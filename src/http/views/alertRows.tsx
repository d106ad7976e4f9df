import type { JSX } from 'preact';
import type { AlertRow } from '../services.ts';
import { SeverityMark, Tag } from './marks.tsx';
import { actorHref, OutLink, surfaceHref, TicketRef } from './parts.tsx';
import { type Column, Table } from './table.tsx';
import { Ago, When } from './time.tsx';

/** Why an alert has no ticket, in words for the one who looks for it. */
export const REASONS: Record<string, string> = {
  below_threshold: 'P3: a direct message only',
  flag_off: 'Automatic tickets are switched off',
  offline: 'We are offline ourselves',
  maintenance: 'Its surface is under maintenance',
  dependency: 'A surface that it depends on is failing',
  storm: 'Joined the umbrella ticket of a storm',
  freescout_unavailable: 'FreeScout does not answer; tried again by itself',
  silent: 'The sender has fallen silent',
  rejected: 'FreeScout refused this very ticket',
  filing: 'Being filed',
  resolved_before_filing: 'Resolved before it was filed',
};

const COLUMNS: Column<AlertRow>[] = [
  { title: 'Severity', cell: (row) => <SeverityMark severity={row.severity} /> },
  { title: 'Alert', heads: true, cell: (row) => <Title row={row} /> },
  { title: 'State', cell: (row) => <State row={row} /> },
  { title: 'Since', cell: (row) => <When at={row.since} /> },
  { title: 'Ticket', cell: (row) => <TicketOrReason row={row} /> },
];

export function AlertTable({ alerts, caption }: { alerts: readonly AlertRow[]; caption: string }): JSX.Element {
  return <Table caption={caption} columns={COLUMNS} rows={alerts} rowId={(row) => `${row.alert_key} ${row.episode}`} />;
}

function Title({ row }: { row: AlertRow }): JSX.Element {
  return (
    <>
      <span class="row-title">{row.url === null ? row.title : <OutLink href={row.url}>{row.title}</OutLink>}</span>
      <span class="row-facts quiet">
        <a href={actorHref(`alert:${row.alert_key}`)}>
          <code>{row.alert_key}</code>
        </a>
        {row.episode > 1 ? <> episode {row.episode}</> : null}
        {row.surface_id === null ? null : (
          <>
            {' '}
            on <a href={surfaceHref(row.surface_id)}>{row.surface_id}</a>
          </>
        )}
      </span>
    </>
  );
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

function TicketOrReason({ row }: { row: AlertRow }): JSX.Element {
  if (row.ticket !== null) return <TicketRef ticket={row.ticket} />;
  const reason = row.no_ticket_reason;
  return <span class="quiet">{reason === null ? 'None' : (REASONS[reason] ?? reason)}</span>;
}
