import type { JSX } from 'preact';
import { REASONS } from '../../alerts/noTicketSentences.ts';
import type { HeldBack, NoisySource, NoisySurface, SeverityCounts, Spread, WeekReport } from '../../model/weekly.ts';
import type { Page } from '../endpoint.ts';
import { Empty, Section, surfaceHref } from './elements.tsx';
import type { Column } from './table.tsx';
import { TableSection } from './tableSection.tsx';
import { formatDuration } from './time.tsx';

export const WEEKLY_PATH = '/console/weekly';

export const weeklyPage = (report: WeekReport): Page => ({
  title: `Week ${report.week}`,
  section: 'weekly',
  live: [],
  body: <WeeklyView report={report} />,
});

function WeeklyView({ report }: { report: WeekReport }): JSX.Element {
  const { week, from, to, alerts, tickets, held_back } = report;
  const isEmpty = alerts.alerts === 0 && tickets.filed === 0 && held_back.length === 0;
  return (
    <>
      <div class="page-head">
        <h1>Week {week}</h1>
        <p class="quiet">
          <time datetime={from}>{from.slice(0, 10)}</time> to <time datetime={to}>{lastDay(to)}</time>
        </p>
      </div>
      <nav aria-label="Weeks">
        <p>
          <a href={hrefOf(report.previous)}>Previous week</a>
          {report.next === null ? null : (
            <>
              {' · '}
              <a href={hrefOf(report.next)}>Next week</a>
            </>
          )}
        </p>
      </nav>
      {isEmpty ? (
        <Empty title="Nothing happened in this week.">
          <p>No alert began, no ticket was filed, and none was suppressed.</p>
        </Empty>
      ) : (
        <Figures report={report} />
      )}
    </>
  );
}

const hrefOf = (week: string): string => `${WEEKLY_PATH}?week=${week}`;
const lastDay = (to: string): string => new Date(Date.parse(to) - 1).toISOString().slice(0, 10);

function Figures({ report }: { report: WeekReport }): JSX.Element {
  const { held_back, sources, surfaces } = report;
  return (
    <>
      <FixFirst report={report} />
      <Section id="figures" title="In figures">
        <Summary report={report} />
      </Section>
      <TableSection
        id="noisy-surfaces"
        title="Noisiest surfaces"
        caption="Surfaces with the most alerts"
        empty="No alert was about a surface."
        columns={SURFACES}
        rows={surfaces}
        rowId={(row) => row.surface_id}
      />
      <TableSection
        id="noisy-sources"
        title="Noisiest sources"
        caption="Sources with the most alerts"
        empty="No alert began."
        columns={SOURCES}
        rows={sources}
        rowId={({ source }) => source}
      />
      <TableSection
        id="held-back"
        title="Suppressed"
        caption="Alerts without a ticket by reason"
        empty="No ticket was suppressed."
        columns={HELD}
        rows={held_back}
        rowId={({ reason }) => reason}
      />
    </>
  );
}

function FixFirst({ report: { fix_first } }: { report: WeekReport }): JSX.Element {
  return (
    <Section id="fix-first" title="What to fix first">
      {fix_first.length === 0 ? (
        <Empty title="Nothing stands out." />
      ) : (
        <ol class="advice">
          {fix_first.map(({ what, why, href }) => (
            <li key={what}>
              <a href={href}>{what}</a>: <span class="quiet">{why}</span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

function Summary({ report }: { report: WeekReport }): JSX.Element {
  const { alerts, tickets, time_to_ticket, time_to_close } = report;
  const { P1, P2, P3 } = alerts;
  return (
    <dl class="facts">
      <dt>Alerts</dt>
      <dd>
        {alerts.alerts} {alerts.alerts === 1 ? 'alert' : 'alerts'} began{' '}
        <span class="quiet">{`(P1 ${P1}, P2 ${P2}, P3 ${P3}; ${alerts.week_before} in the week before)`}</span>
      </dd>
      <dt>Tickets filed</dt>
      <dd>
        {tickets.incomplete ? `more than ${tickets.filed}` : tickets.filed}{' '}
        <span class="quiet">
          {`(${tickets.alert} by alerts, ${tickets.umbrella} for storms, ${tickets.investigate} by clicks; ${tickets.still_open} still open)`}
        </span>
      </dd>
      <dt>Time to ticket</dt>
      <dd>
        <SpreadText spread={time_to_ticket} unit="tickets" />
      </dd>
      <dt>Time to close</dt>
      <dd>
        <SpreadText spread={time_to_close} unit="tickets closed in this week" />
      </dd>
    </dl>
  );
}

function SpreadText({ spread, unit }: { spread: Spread; unit: string }): JSX.Element {
  const { count, median_seconds, p90_seconds } = spread;
  if (median_seconds === null || p90_seconds === null) return <span class="quiet">no data</span>;
  return (
    <>
      {formatDuration(median_seconds * 1_000)} median, {formatDuration(p90_seconds * 1_000)} 90th percentile{' '}
      <span class="quiet">
        ({count} {unit})
      </span>
    </>
  );
}

const counts = <Row extends SeverityCounts & { tickets: number }>(): Column<Row>[] => [
  { title: 'Alerts', numeric: true, cell: ({ alerts }) => alerts },
  { title: 'P1', numeric: true, cell: ({ P1 }) => P1 },
  { title: 'P2', numeric: true, cell: ({ P2 }) => P2 },
  { title: 'P3', numeric: true, cell: ({ P3 }) => P3 },
  { title: 'Tickets', numeric: true, cell: ({ tickets }) => tickets },
];

const SURFACES: Column<NoisySurface>[] = [
  {
    title: 'Surface',
    isRowHeader: true,
    wide: true,
    cell: ({ surface_id, name }) =>
      name === null ? (
        <>
          {surface_id} <span class="quiet">no longer watched</span>
        </>
      ) : (
        <a href={surfaceHref(surface_id)}>{name}</a>
      ),
  },
  ...counts<NoisySurface>(),
];

const SOURCES: Column<NoisySource>[] = [
  {
    title: 'Source',
    isRowHeader: true,
    wide: true,
    cell: ({ source }) => <a href={`/console/alerts?source=${encodeURIComponent(source)}`}>{source}</a>,
  },
  ...counts<NoisySource>(),
];

const HELD: Column<HeldBack>[] = [
  { title: 'Reason', isRowHeader: true, wide: true, cell: ({ reason }) => REASONS[reason] ?? reason },
  { title: 'Now', numeric: true, cell: ({ active }) => active },
  { title: 'Ended', numeric: true, cell: ({ ended }) => ended },
];
