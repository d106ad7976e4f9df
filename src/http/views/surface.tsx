import type { JSX } from 'preact';
import { ALERT_PREFIX, alertActor, surfaceActor, UMBRELLA_PREFIX } from '../../../machines/shared/actorId.ts';
import type { AlertRow } from '../../model/alerts.ts';
import type { Outage, SurfaceStory } from '../../model/surfaces.ts';
import type { FiledTicket } from '../../model/tickets.ts';
import type { Page } from '../endpoint.ts';
import { AlertTable } from './alertRows.tsx';
import { SeverityMark, StatusMark, Tag } from './badges.tsx';
import { actorHref, Empty, OutLink } from './elements.tsx';
import { HistoryList } from './history.tsx';
import { Investigate } from './investigate.tsx';
import { Maintenance } from './maintenance.tsx';
import { type Column, Table } from './table.tsx';
import { sharedWith, TicketFacts, TicketLine, TicketStatus } from './ticket.tsx';
import { Ago, At, duration, latency, When } from './time.tsx';
import { DayBars, daysInWords, Sparkline, Uptime } from './uptime.tsx';
import { useViewer } from './viewerContext.ts';

export function surfacePage(story: SurfaceStory, investigateOn: boolean): Page {
  return {
    title: `${story.name} · ${story.status}`,
    section: 'status',
    live: [surfaceActor(story.id), ALERT_PREFIX, UMBRELLA_PREFIX],
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
      <Unchecked story={story} />
      <Facts story={story} />
      <Investigate surface={story} on={investigateOn} from="surface" />
      <Maintenance surfaceId={story.id} window={story.maintenance} />
      <Past story={story} />
      <section aria-labelledby="outages">
        <h2 id="outages">Outages</h2>
        {story.outages.length === 0 ? (
          <Empty title="None in the history that is kept.">
            <p>
              An outage is here from its confirmation to its end; a failed check that nobody confirmed is under Last
              checks.
            </p>
          </Empty>
        ) : (
          <Table caption="Outages" columns={outageColumns(story)} rows={story.outages} rowId={outageId} />
        )}
      </section>
      <section aria-labelledby="tickets">
        <h2 id="tickets">Tickets</h2>
        {story.tickets.length === 0 ? (
          <Empty title="No ticket was filed for this surface.">
            <p>
              Its alerts file one by themselves while <a href="/console/flags">tickets for alerts</a> are on, and
              Investigate files one while it is degraded or down.
            </p>
          </Empty>
        ) : (
          <Table caption="Tickets" columns={TICKETS} rows={story.tickets} rowId={(ticket) => `${ticket.id}`} />
        )}
      </section>
      <section aria-labelledby="alerts">
        <h2 id="alerts">Alerts</h2>
        {story.alerts.length === 0 ? (
          <Empty title="No alert was raised for this surface.">
            <p>It raises one itself when an outage is confirmed, unless its severity for that is none.</p>
          </Empty>
        ) : (
          <AlertTable alerts={story.alerts} caption="Alerts of this surface" />
        )}
      </section>
      <section aria-labelledby="checks">
        <h2 id="checks">Last checks</h2>
        {story.checks.length === 0 ? (
          <Empty title="Not checked yet.">
            <p>The first check comes within one interval of the poller; if it does not, see whether a worker runs.</p>
          </Empty>
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

/** A surface that nobody looks at says so first: what stands below is about the past. */
function Unchecked({ story: { status, last_check, was } }: { story: SurfaceStory }): JSX.Element | null {
  if (status !== 'UNKNOWN' || last_check === null) return null;
  return (
    <p class="banner warn">
      Its checks have stopped: the last one was <Ago at={last_check.at} />
      {was === null ? '' : `, and it was ${was} then`}. How it is now is not known. See whether a worker runs.
    </p>
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
            <TicketLine ticket={story.ticket} />{' '}
            {story.recovered_ticket_open ? <Tag tone="warn">recovered, still open</Tag> : null}
          </>
        )}
      </dd>
      <dt>Alert</dt>
      <dd>
        <ActiveAlert alerts={story.alerts} />
      </dd>
      <dt>State machine</dt>
      <dd>
        <a href={actorHref(surfaceActor(story.id))}>
          <code>{surfaceActor(story.id)}</code>
        </a>
      </dd>
    </dl>
  );
}

function ActiveAlert({ alerts }: { alerts: readonly AlertRow[] }): JSX.Element {
  const active = alerts.find(({ state }) => state !== 'resolved');
  if (!active) return <>None is active</>;
  return (
    <>
      <SeverityMark severity={active.severity} /> {active.state}:{' '}
      <a href={actorHref(alertActor(active.alert_key))}>
        <code>{active.alert_key}</code>
      </a>
    </>
  );
}

/** The last 90 days and the last checks as pictures, and day by day for those who want numbers. */
function Past({ story }: { story: SurfaceStory }): JSX.Element {
  const { now } = useViewer();
  return (
    <section class="past" aria-labelledby="past">
      <h2 id="past">Last 90 days</h2>
      <div class="tile-past">
        <DayBars days={story.days} />
        <Uptime days={story.days} />
      </div>
      <p class="quiet">{daysInWords(story.days, now)}</p>
      {story.recent.length < 2 ? null : (
        <div class="tile-past">
          <Sparkline recent={story.recent} />
          <span class="quiet">latency of the last checks</span>
        </div>
      )}
      {story.day_counts.length === 0 ? null : (
        <details>
          <summary>Day by day</summary>
          <Table caption="Checks by day" columns={DAYS} rows={story.day_counts} rowId={({ day }) => day} />
        </details>
      )}
    </section>
  );
}

const DAYS: Column<SurfaceStory['day_counts'][number]>[] = [
  { title: 'Day (UTC)', heads: true, cell: ({ day }) => day },
  { title: 'Operational', number: true, cell: ({ operational }) => operational },
  { title: 'Degraded', number: true, cell: ({ degraded }) => degraded },
  { title: 'Down', number: true, cell: ({ down }) => down },
  { title: 'Maintenance', number: true, cell: ({ maintenance }) => maintenance },
];

const outageId = ({ began_at, ended_at }: Outage): string => began_at ?? ended_at ?? 'first';

/** Each outage with what came of it: the tickets that were filed while it lasted, or that it joined. */
function outageColumns({ tickets }: SurfaceStory): Column<Outage>[] {
  return [
    {
      title: 'Began',
      heads: true,
      cell: ({ began_at }) => (began_at === null ? 'before the history that is kept' : <When at={began_at} />),
    },
    { title: 'Worst', cell: ({ worst }) => <StatusMark status={worst} /> },
    { title: 'Lasted', cell: (outage) => <Lasted outage={outage} /> },
    { title: 'Tickets', cell: (outage) => <TicketsOf tickets={ticketsDuring(tickets, outage)} /> },
  ];
}

function Lasted({ outage: { began_at, ended_at } }: { outage: Outage }): JSX.Element {
  const { now } = useViewer();
  const lasted = began_at === null ? null : new Date(ended_at ?? now).getTime() - new Date(began_at).getTime();
  return (
    <>
      {lasted === null ? null : duration(lasted)} {ended_at === null ? <Tag tone="bad">still going on</Tag> : null}
    </>
  );
}

/** A ticket may be filed a little after the end, when FreeScout was slow. */
const LATE_MS = 120_000;

function ticketsDuring(tickets: readonly FiledTicket[], { began_at, ended_at }: Outage): FiledTicket[] {
  const from = began_at === null ? 0 : Date.parse(began_at);
  const to = ended_at === null ? Number.POSITIVE_INFINITY : Date.parse(ended_at) + LATE_MS;
  return tickets.filter(({ filed_at, joined_at }) => {
    const at = Date.parse(joined_at ?? filed_at);
    return at >= from && at <= to;
  });
}

function TicketsOf({ tickets }: { tickets: readonly FiledTicket[] }): JSX.Element {
  if (tickets.length === 0) return <span class="quiet">none</span>;
  return (
    <span class="tags">
      {tickets.map((ticket) => (
        <span key={ticket.id}>
          <OutLink href={ticket.url}>#{ticket.id}</OutLink> <TicketStatus ticket={ticket} /> {sharedWith(ticket)}
        </span>
      ))}
    </span>
  );
}

function LastCheck({ check }: { check: NonNullable<SurfaceStory['last_check']> }): JSX.Element {
  return (
    <>
      <At at={check.at} />{' '}
      {check.latency_ms === null ? null : <span class="latency quiet">{latency(check.latency_ms)}</span>}{' '}
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
  {
    title: 'Filed by',
    cell: (ticket) => (
      <>
        {PATHS[ticket.path]}
        <span class="row-facts quiet">{sharedWith(ticket)}</span>
      </>
    ),
  },
  { title: 'FreeScout says', cell: (ticket) => <TicketStatus ticket={ticket} /> },
  { title: 'Who has it, last word', cell: (ticket) => <TicketFacts ticket={ticket} /> },
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
