import type { JSX } from 'preact';
import type { Page } from '../endpoint.ts';
import type { FiledTicket, SurfaceStory } from '../services.ts';
import { AlertTable } from './alertRows.tsx';
import { HistoryList } from './history.tsx';
import { Investigate } from './investigate.tsx';
import { Maintenance } from './maintenance.tsx';
import { StatusMark, Tag } from './marks.tsx';
import { actorHref, Empty, OutLink } from './parts.tsx';
import { type Column, Table } from './table.tsx';
import { latency } from './tile.tsx';
import { Ago, At, When } from './time.tsx';

export function surfacePage(story: SurfaceStory, investigateOn: boolean): Page {
  return {
    title: `${story.name} · ${story.status}`,
    section: 'status',
    live: [`surface:${story.id}`, 'alert:'],
    body: <SurfaceView story={story} investigateOn={investigateOn} />,
  };
}

function SurfaceView({ story, investigateOn }: { story: SurfaceStory; investigateOn: boolean }): JSX.Element {
  return (
    <>
      <p class="crumbs">
        <a href="/console/status">Status</a> {story.group === null ? null : <span class="quiet">/ {story.group}</span>}
      </p>
      <div class="page-head">
        <h1>{story.name}</h1>
        <StatusMark status={story.status} />
      </div>
      <Facts story={story} />
      <Investigate surface={story} on={investigateOn} from="surface" />
      <Maintenance surfaceId={story.id} window={story.maintenance} />
      <section aria-labelledby="tickets">
        <h2 id="tickets">Tickets</h2>
        {story.tickets.length === 0 ? (
          <Empty title="No ticket was filed for this surface." />
        ) : (
          <Table caption="Tickets" columns={TICKETS} rows={story.tickets} rowId={(ticket) => `${ticket.id}`} />
        )}
      </section>
      <section aria-labelledby="alerts">
        <h2 id="alerts">Alerts</h2>
        {story.alerts.length === 0 ? (
          <Empty title="No alert was raised for this surface." />
        ) : (
          <AlertTable alerts={story.alerts} caption="Alerts of this surface" />
        )}
      </section>
      <section aria-labelledby="checks">
        <h2 id="checks">Last checks</h2>
        {story.checks.length === 0 ? (
          <Empty title="Not checked yet." />
        ) : (
          <Table caption="Last checks" columns={CHECKS} rows={story.checks} rowId={(check) => check.at} />
        )}
      </section>
      <section aria-labelledby="history">
        <h2 id="history">History</h2>
        <HistoryList history={story.history} />
      </section>
    </>
  );
}

function Facts({ story }: { story: SurfaceStory }): JSX.Element {
  return (
    <dl class="facts">
      <dt>Since</dt>
      <dd>{story.since === null ? 'Not checked yet' : <When at={story.since} />}</dd>
      <dt>Address</dt>
      <dd>
        <OutLink href={story.url} />
      </dd>
      <dt>Last check</dt>
      <dd>{story.last_check === null ? 'None' : <LastCheck check={story.last_check} />}</dd>
      <dt>Open ticket</dt>
      <dd>
        {story.ticket === null ? (
          'None'
        ) : (
          <>
            <OutLink href={story.ticket.url}>Ticket #{story.ticket.id}</OutLink>{' '}
            <span class="quiet">
              filed <Ago at={story.ticket.filed_at} />
            </span>{' '}
            {story.recovered_ticket_open ? <Tag tone="warn">recovered, still open</Tag> : null}
          </>
        )}
      </dd>
      <dt>State machine</dt>
      <dd>
        <a href={actorHref(`surface:${story.id}`)}>
          <code>surface:{story.id}</code>
        </a>
      </dd>
    </dl>
  );
}

function LastCheck({ check }: { check: NonNullable<SurfaceStory['last_check']> }): JSX.Element {
  return (
    <>
      <At at={check.at} /> {check.latency_ms === null ? null : <span class="quiet">{latency(check.latency_ms)}</span>}{' '}
      {check.error === null ? null : <span class="error-text">{check.error}</span>}
    </>
  );
}

const PATHS: Record<FiledTicket['path'], string> = {
  investigate: 'Investigate',
  alert: 'Alert',
  umbrella: 'Umbrella of a storm',
};

const TICKETS: Column<FiledTicket>[] = [
  { title: 'Ticket', heads: true, cell: (ticket) => <OutLink href={ticket.url}>#{ticket.id}</OutLink> },
  { title: 'Subject', cell: (ticket) => ticket.subject },
  { title: 'Filed by', cell: (ticket) => PATHS[ticket.path] },
  { title: 'FreeScout says', cell: (ticket) => ticket.status ?? <span class="quiet">not looked at yet</span> },
  { title: 'Filed', cell: (ticket) => <When at={ticket.filed_at} /> },
];

const OUTCOMES: Record<string, { tone: 'good' | 'warn' | 'bad' }> = {
  up: { tone: 'good' },
  slow: { tone: 'warn' },
  down: { tone: 'bad' },
};

const CHECKS: Column<SurfaceStory['checks'][number]>[] = [
  { title: 'At', heads: true, cell: (check) => <When at={check.at} /> },
  { title: 'Outcome', cell: (check) => <Tag tone={OUTCOMES[check.outcome]?.tone ?? 'calm'}>{check.outcome}</Tag> },
  { title: 'Latency', number: true, cell: (check) => (check.latency_ms === null ? '–' : latency(check.latency_ms)) },
  { title: 'HTTP', number: true, cell: (check) => check.http_status ?? '–' },
  { title: 'Error', cell: (check) => check.error ?? <span class="quiet">none</span> },
];
