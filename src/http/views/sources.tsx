import type { JSX } from 'preact';
import type { RefusalKind } from '../../model/people.ts';
import type { ShadowList, SourceRow } from '../../model/senders.ts';
import type { Page } from '../endpoint.ts';
import { Tag } from './badges.tsx';
import { Empty, PostForm } from './elements.tsx';
import { ShadowPanel } from './shadow.tsx';
import { type Column, Table } from './table.tsx';
import { TimestampWithAge } from './time.tsx';
import { useViewer } from './viewerContext.ts';

interface Shown {
  sources: readonly SourceRow[];
  shadow: ShadowList;
}

export function sourcesPage(sources: readonly SourceRow[], shadow: ShadowList): Page {
  const body = <SourcesView sources={sources} shadow={shadow} />;
  return { title: 'Sources', section: 'sources', live: [], body };
}

function SourcesView({ sources, shadow }: Shown): JSX.Element {
  const senders = sources.filter(({ block }) => block !== null);
  return (
    <>
      <div class="page-head">
        <h1>Sources</h1>
        <p class="quiet">
          The senders of alerts, what each sent last, and how to set it up. Counts are those of the last hour.
        </p>
        {sources.some(isNotCounted) ? (
          <p class="quiet">
            Requests to <code>POST /api/alerts</code> are not stored, so nothing counts them (–). For a source that uses
            it, Alerts is the number of different alerts that it reported as active in the last hour.
          </p>
        ) : null}
      </div>
      {sources.length === 0 ? (
        <Empty title="No sources.">
          <p>
            List a source under <code>sources</code> in the surfaces file, or give one a token in{' '}
            <code>INGEST_TOKENS</code>.
          </p>
        </Empty>
      ) : (
        <Table caption="Sources of alerts" columns={COLUMNS} rows={sources} rowId={({ id }) => id} />
      )}
      <ShadowPanel shadow={shadow} />
      {senders.map((source) => (
        <Setup key={source.id} source={source} />
      ))}
    </>
  );
}

/** It has no adapter, so that nothing is known of its requests, but of its alerts. */
const isNotCounted = ({ sender }: SourceRow): boolean => sender === null;

const COLUMNS: Column<SourceRow>[] = [
  {
    title: 'Source',
    isRowHeader: true,
    wide: true,
    cell: ({ id, sender_title, declared, shadow }) => (
      <>
        {id} <span class="quiet">{sender_title ?? 'POST /api/alerts'}</span>{' '}
        {declared ? null : <Tag>not in the surfaces file</Tag>} {shadow ? <Tag tone="warn">shadow mode</Tag> : null}
      </>
    ),
  },
  { title: 'Last request', cell: (source) => <LastRequest source={source} /> },
  { title: 'Last alert', cell: (source) => <At at={source.last_alert_at} /> },
  { title: 'Requests', numeric: true, cell: (source) => counted(source, source.requests_last_hour) },
  {
    title: 'Alerts',
    numeric: true,
    cell: (source) => (isNotCounted(source) ? source.seen_last_hour : source.alerts_last_hour),
  },
  { title: 'Refused alerts', numeric: true, cell: (source) => counted(source, source.refused_last_hour) },
  { title: 'Problems', cell: (source) => <Problems source={source} /> },
];

const counted = (source: SourceRow, count: number): number | JSX.Element =>
  isNotCounted(source) ? <NotCounted /> : count;

function NotCounted(): JSX.Element {
  return (
    <span class="quiet">
      –<span class="sr-only"> not counted</span>
    </span>
  );
}

function LastRequest({ source }: { source: SourceRow }): JSX.Element {
  if (isNotCounted(source)) return <NotCounted />;
  // Its requests are deleted after a week, and its alerts are not.
  if (source.last_request_at === null && source.last_alert_at !== null) return <span class="quiet">none stored</span>;
  return <At at={source.last_request_at} />;
}

function At({ at }: { at: string | null }): JSX.Element {
  return at === null ? <span class="quiet">never</span> : <TimestampWithAge at={at} />;
}

function Problems({ source }: { source: SourceRow }): JSX.Element {
  const { waiting, lag_seconds, not_understood, left_out_last_day, refused_requests } = source;
  if (waiting + not_understood + left_out_last_day + refused_requests.length === 0)
    return <span class="quiet">none</span>;
  return (
    <>
      {waiting === 0 ? null : (
        <Tag tone="warn">
          {waiting} waiting, the oldest for {lag_seconds} s
        </Tag>
      )}{' '}
      {not_understood === 0 ? null : (
        <a href="/console/dead-letters?kind=webhook">
          {not_understood} not understood<span class="sr-only"> of {source.id}</span>
        </a>
      )}{' '}
      {left_out_last_day === 0 ? null : <Tag tone="warn">sender left out {left_out_last_day} alerts today</Tag>}{' '}
      {refused_requests.map(({ reason, times, last_at }) => (
        <div key={reason}>
          <Tag tone="warn">{times} refused today</Tag> {REASONS[reason] ?? reason}, last{' '}
          <TimestampWithAge at={last_at} />
        </div>
      ))}
    </>
  );
}

/** Why requests of a source are refused, and what to change. */
const REASONS: Partial<Record<RefusalKind, string>> = {
  invalid_token: 'wrong or missing token',
  forbidden: 'token of another source, or sender of another kind than declared',
  over_quota: 'more than SOURCE_REQUESTS_PER_MINUTE',
  too_many_waiting: 'too many waited already',
  too_large: 'body too large',
  busy: 'no place or memory in time',
};

function Setup({ source }: { source: SourceRow }): JSX.Element {
  const { may } = useViewer();
  const heading = `setup-${source.id}`;
  return (
    <section class="panel" aria-labelledby={heading}>
      <h2 id={heading}>
        Set up <code>{source.id}</code>
      </h2>
      <p class="quiet">
        Paste this into {source.sender_title}, with the token of the source in place of <code>YOUR-TOKEN</code>.
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: it scrolls, and what takes the focus needs a name */}
      <pre class="json" tabIndex={0} role="region" aria-label={`Configuration for ${source.id}`}>
        {source.block}
      </pre>
      {source.can_test && may.operate ? (
        <PostForm action={`/console/sources/${encodeURIComponent(source.id)}/test`}>
          <button type="submit" class="button">
            Send a test<span class="sr-only"> of {source.id}</span>
          </button>
        </PostForm>
      ) : null}
    </section>
  );
}
