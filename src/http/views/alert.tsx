import type { JSX } from 'preact';
import { alertActor, RECIPIENT_PREFIX, UMBRELLA_PREFIX } from '../../../machines/shared/actorId.ts';
import type { AlertMessage, AlertPeriod, AlertStory } from '../../model/alerts.ts';
import type { Page } from '../endpoint.ts';
import { AlertState, TicketOrReason } from './alertRows.tsx';
import { SeverityBadge, Tag } from './badges.tsx';
import { actorHref, Empty, ExternalLink, Section, safeHref, surfaceHref } from './elements.tsx';
import { HistoryList } from './history.tsx';
import { Began, Lasted, periodId } from './period.tsx';
import { SILENCES, SilenceAlert } from './silences.tsx';
import { type Column, Table } from './table.tsx';
import { TableSection } from './tableSection.tsx';
import { TicketSummary } from './ticket.tsx';
import { Timestamp, TimestampWithAge } from './time.tsx';

export function alertPage(alert: AlertStory): Page {
  return {
    title: `${alert.title} · ${alert.state}`,
    section: 'alerts',
    live: [alertActor(alert.alert_key), UMBRELLA_PREFIX, RECIPIENT_PREFIX, SILENCES],
    body: <AlertView alert={alert} />,
  };
}

function AlertView({ alert }: { alert: AlertStory }): JSX.Element {
  return (
    <>
      <p class="crumbs">
        <a href="/console/alerts">Alerts</a> <span class="quiet">/ {alert.source}</span>
      </p>
      <div class="page-head">
        <h1>{alert.title}</h1>
        <SeverityBadge severity={alert.severity} />
      </div>
      <Facts alert={alert} />
      {alert.details === null ? null : (
        <Section id="details" title="Details">
          <p class="prose">{alert.details}</p>
        </Section>
      )}
      <Labels labels={alert.labels} />
      <TableSection
        id="periods"
        title="When it was active"
        caption="When it was active, newest first"
        empty="No active period in the stored history."
        columns={PERIODS}
        rows={alert.periods}
        rowId={periodId}
      />
      <Section id="messages" title="Messages">
        {alert.messages.length === 0 ? (
          <Empty title="No messages about this alert alone.">
            <p>During a storm, one grouped message lists many alerts.</p>
          </Empty>
        ) : (
          <Table
            caption="Messages, newest first"
            columns={MESSAGES}
            rows={alert.messages}
            rowId={({ kind, recipient, created_at }) => `${kind} ${recipient} ${created_at}`}
          />
        )}
      </Section>
      <Section id="history" title="History">
        <HistoryList history={alert.history} />
      </Section>
    </>
  );
}

/** Adapters keep the sender's link to its runbook in the label `runbook`; other senders may name it like Prometheus does. */
const RUNBOOK_LABELS = ['runbook', 'runbook_url'];

function Facts({ alert }: { alert: AlertStory }): JSX.Element {
  const runbook = RUNBOOK_LABELS.flatMap((name) => alert.labels[name] ?? []).find((value) => safeHref(value) !== null);
  return (
    <dl class="facts">
      <dt>State</dt>
      <dd>
        <AlertState row={alert} from="alert" />
        {alert.state === 'resolved' ? null : <SilenceAlert alertKey={alert.alert_key} />}
      </dd>
      <dt>{alert.state === 'resolved' ? 'Last began' : 'Since'}</dt>
      <dd>
        <TimestampWithAge at={alert.since} />
        {alert.episode > 1 ? <span class="quiet"> (episode {alert.episode})</span> : null}
      </dd>
      <dt>Last reported</dt>
      <dd>{alert.last_seen_at === null ? 'Unknown' : <TimestampWithAge at={alert.last_seen_at} />}</dd>
      <dt>Ticket</dt>
      <dd>
        <TicketOrReason row={alert} />
      </dd>
      {alert.escalates_at === null ? null : (
        <>
          <dt>Escalation</dt>
          <dd>
            Due at <Timestamp at={alert.escalates_at} />, unless somebody is assigned to the ticket by then.
          </dd>
        </>
      )}
      {alert.surface_id === null ? null : (
        <>
          <dt>Surface</dt>
          <dd>
            <a href={surfaceHref(alert.surface_id)}>{alert.surface_name ?? alert.surface_id}</a>
          </dd>
        </>
      )}
      {alert.url === null ? null : (
        <>
          <dt>Sender's page</dt>
          <dd>
            <ExternalLink href={alert.url} />
          </dd>
        </>
      )}
      {runbook === undefined ? null : (
        <>
          <dt>Runbook</dt>
          <dd>
            <ExternalLink href={runbook} />
          </dd>
        </>
      )}
      <dt>Key</dt>
      <dd>
        <code>{alert.alert_key}</code> ·{' '}
        <a href={`/console/audit?q=${encodeURIComponent(alert.alert_key)}`}>Audit rows</a> ·{' '}
        <a href={actorHref(alertActor(alert.alert_key))}>State machine</a>
      </dd>
    </dl>
  );
}

function Labels({ labels }: { labels: AlertStory['labels'] }): JSX.Element | null {
  const rows = Object.entries(labels);
  if (rows.length === 0) return null;
  return (
    <Section id="labels" title="Labels">
      <Table
        caption="Labels"
        columns={[
          { title: 'Label', isRowHeader: true, cell: ([label]) => <code>{label}</code> },
          { title: 'Value', cell: ([, value]) => (safeHref(value) === null ? value : <ExternalLink href={value} />) },
        ]}
        rows={rows}
        rowId={([label]) => label}
      />
    </Section>
  );
}

const PERIODS: Column<AlertPeriod>[] = [
  {
    title: 'Began',
    isRowHeader: true,
    cell: (period) => <Began period={period} />,
  },
  { title: 'Lasted', cell: (period) => <Lasted period={period} unknown="unknown" /> },
  {
    title: 'Tickets',
    cell: ({ tickets }) =>
      tickets.length === 0 ? (
        <span class="quiet">None</span>
      ) : (
        tickets.map((ticket) => <TicketSummary key={ticket.id} ticket={ticket} />)
      ),
  },
];

const KINDS: Record<string, string> = {
  opened: 'Alert began',
  escalated: 'Severity rose',
  ticket: 'Ticket filed',
  continued: 'Active again, same ticket',
  resolved: 'Resolved',
  flapping: 'Flapping',
  unassigned: 'Ticket unassigned',
};

const MESSAGES: Column<AlertMessage>[] = [
  { title: 'Message', isRowHeader: true, cell: ({ kind }) => KINDS[kind] ?? kind },
  {
    title: 'To',
    cell: ({ recipient }) =>
      recipient === null ? <span class="quiet">default recipient</span> : <code>{recipient}</code>,
  },
  { title: 'Queued', cell: ({ created_at }) => <TimestampWithAge at={created_at} /> },
  {
    title: 'Sent',
    cell: ({ sent_at }) =>
      sent_at === null ? <Tag tone="warn">waiting for Slack</Tag> : <TimestampWithAge at={sent_at} />,
  },
];
