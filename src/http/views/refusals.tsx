import type { JSX } from 'preact';
import type { RefusalKind, RefusalPeriod, RefusalSummary } from '../../model/people.ts';
import type { Page } from '../endpoint.ts';
import { Empty, Section } from './elements.tsx';
import { type Column, Table } from './table.tsx';
import { formatUtc, TimestampWithAge } from './time.tsx';

const MEANING: Record<RefusalKind, string> = {
  invalid_token: 'a token that is not valid',
  forbidden: 'a role or token that does not permit it, or a foreign Host',
  csrf: 'a form or request from another site',
  bad_signature: 'a webhook of FreeScout with an invalid signature',
  bad_logout_token: 'a sign-out of the identity provider that is not valid',
  too_many_sign_ins: 'too many sign-ins that failed',
  not_a_navigation: 'a sign-in by something other than a page, such as an image',
  no_attempt: 'a response of the identity provider without a started sign-in',
  state_mismatch: 'a response of the identity provider to another sign-in',
  over_quota: 'a request of a source beyond SOURCE_REQUESTS_PER_MINUTE',
  too_many_waiting: 'a request of a source of which too many alerts or requests waited already',
  too_large: 'a request of a source with too large a body',
  busy: 'a request of a source for which there was no place or memory in time',
  replayed: 'a response of the identity provider that was used before',
  sign_in_refused: 'a sign-in that the identity provider or the roles do not permit; see the audit log',
};

export function refusalsPage(refusals: RefusalSummary): Page {
  return {
    title: 'Refused requests',
    section: 'refusals',
    live: [],
    body: <RefusalsView refusals={refusals} />,
  };
}

function RefusalsView({ refusals: { kinds, hours, days, networks } }: { refusals: RefusalSummary }): JSX.Element {
  return (
    <>
      <div class="page-head">
        <h1>Refused requests</h1>
        <p class="quiet">
          Requests that were refused before they could do anything, in the last 30 days. All are counted, up to 10
          seconds late. Of the networks, the 500 with the most refusals of each kind are kept; the newest 100 are
          listed.
        </p>
      </div>
      {kinds.length === 0 ? (
        <Empty title="Nothing was refused in the last 30 days." />
      ) : (
        <>
          <Section id="kinds" title="By kind">
            <Table caption="Refused requests by kind" columns={KINDS} rows={kinds} rowId={({ kind }) => kind} />
          </Section>
          <Section id="networks" title="By network">
            <Table
              caption="Networks of refused requests, newest first"
              columns={NETWORKS}
              rows={networks}
              rowId={({ kind, network }) => `${kind} ${network}`}
            />
          </Section>
          <Section id="hours" title="By hour">
            <Periods caption="Refused requests of the last 24 hours" unit="Hour" rows={hours} />
          </Section>
          <Section id="days" title="By day">
            <Periods caption="Refused requests of the last 30 days" unit="Day" rows={days} />
          </Section>
        </>
      )}
    </>
  );
}

const KINDS: Column<RefusalSummary['kinds'][number]>[] = [
  {
    title: 'Kind',
    isRowHeader: true,
    cell: ({ kind }) => (
      <>
        <code>{kind}</code> <span class="quiet">{MEANING[kind]}</span>
      </>
    ),
  },
  { title: 'This hour', numeric: true, cell: ({ this_hour: times }) => times },
  { title: 'Last 24 hours', numeric: true, cell: ({ last_24_hours: times }) => times },
  { title: 'Last 30 days', numeric: true, cell: ({ last_30_days: times }) => times },
  { title: 'Last seen', cell: ({ last_seen_at }) => <TimestampWithAge at={last_seen_at} /> },
];

const NETWORKS: Column<RefusalSummary['networks'][number]>[] = [
  { title: 'Network', isRowHeader: true, cell: ({ network }) => <code>{network}</code> },
  { title: 'Kind', cell: ({ kind }) => <code>{kind}</code> },
  { title: 'Refused', numeric: true, cell: ({ times }) => times },
  { title: 'First seen', cell: ({ first_seen_at }) => <TimestampWithAge at={first_seen_at} /> },
  { title: 'Last seen', cell: ({ last_seen_at }) => <TimestampWithAge at={last_seen_at} /> },
];

interface PeriodsProps {
  caption: string;
  unit: 'Hour' | 'Day';
  rows: readonly RefusalPeriod[];
}

function Periods({ caption, unit, rows }: PeriodsProps): JSX.Element {
  if (rows.length === 0) return <p>None.</p>;
  const columns: Column<RefusalPeriod>[] = [
    { title: unit, isRowHeader: true, cell: ({ at }) => <time datetime={at}>{beginOf(at, unit)}</time> },
    { title: 'Refused', numeric: true, cell: ({ times }) => times },
    { title: 'Kinds', cell: ({ kinds }) => kindsOf(kinds) },
  ];
  return <Table caption={caption} columns={columns} rows={rows} rowId={({ at }) => at} />;
}

/** `2026-05-05` or `2026-05-05 14:00 UTC`. */
const beginOf = (at: string, unit: PeriodsProps['unit']): string =>
  unit === 'Day' ? at.slice(0, 10) : formatUtc(at).replace(/:\d\d UTC$/, ' UTC');

const kindsOf = (kinds: Record<string, number>): string =>
  Object.entries(kinds)
    .toSorted(([, one], [, other]) => other - one)
    .map(([kind, times]) => `${kind} ${times}`)
    .join(', ');
