import type { JSX } from 'preact';
import { ALERT_PREFIX } from '../../../machines/shared/actorId.ts';
import type { PageOf } from '../../model/operations.ts';
import type { Silence, Silenced, SilenceMatchers } from '../../model/silences.ts';
import type { Page } from '../endpoint.ts';
import { Tag } from './badges.tsx';
import { Empty, NextPage, PostForm } from './elements.tsx';
import { type Column, Table } from './table.tsx';
import { RelativeTime, TimestampWithAge } from './time.tsx';
import { useViewer } from './viewerContext.ts';

const PATH = '/console/silences';
/** Open pages update when a silence begins or ends. */
export const SILENCES = 'silences';

export function silencesPage(silences: PageOf<Silence>, cursor: string | undefined): Page {
  return {
    title: 'Silences',
    section: 'silences',
    live: [SILENCES, ALERT_PREFIX],
    body: <SilencesView silences={silences} cursor={cursor} />,
  };
}

function SilencesView({ silences, cursor }: { silences: PageOf<Silence>; cursor: string | undefined }): JSX.Element {
  const { may } = useViewer();
  const columns = may.operate ? [...COLUMNS, ACTION] : COLUMNS;
  return (
    <>
      <div class="page-head">
        <h1>Silences</h1>
        <p class="quiet">
          While a silence matches an alert, its ticket and its messages are suppressed. An alert that is still active at
          the end gets both.
        </p>
      </div>
      {may.operate ? (
        <p>
          <a class="button" href={`${PATH}/new`}>
            New silence
          </a>
        </p>
      ) : null}
      {silences.rows.length === 0 ? (
        <Empty title="No silences." />
      ) : (
        <Table
          caption="Silences, active ones first"
          columns={columns}
          rows={silences.rows}
          rowId={({ id }) => `silence-${id}`}
        />
      )}
      <NextPage path={PATH} query={{ cursor }} cursor={silences.next_cursor} />
    </>
  );
}

const COLUMNS: Column<Silence>[] = [
  { title: 'Alerts with', isRowHeader: true, wide: true, cell: ({ matchers }) => <Matchers matchers={matchers} /> },
  { title: 'State', cell: (silence) => <State silence={silence} /> },
  { title: 'Until', cell: ({ until }) => <TimestampWithAge at={until} /> },
  { title: 'Reason', wide: true, cell: ({ reason }) => <span class="prose">{reason}</span> },
  { title: 'By', wide: true, cell: ({ created_by }) => <span class="prose">{created_by}</span> },
  { title: 'Silences now', cell: ({ alerts }) => (alerts === null ? <span class="quiet">–</span> : countOf(alerts)) },
];

const countOf = (alerts: number): string => `${alerts} ${alerts === 1 ? 'alert' : 'alerts'}`;

const ACTION: Column<Silence> = {
  title: 'Action',
  cell: ({ id, state, reason }) =>
    state === 'ended' ? (
      <span class="quiet">–</span>
    ) : (
      <PostForm action={`${PATH}/${id}/end`}>
        <button type="submit" class="button">
          End
          <span class="sr-only">
            {' '}
            the silence {id}, {reason}
          </span>
        </button>
      </PostForm>
    ),
};

function Matchers({ matchers }: { matchers: SilenceMatchers }): JSX.Element {
  const { labels = {}, ...others } = matchers;
  const all = [...Object.entries(others), ...Object.entries(labels).map(([name, value]) => [`label ${name}`, value])];
  return (
    <>
      {all.map(([name = '', value = '']) => (
        <span key={name} class="row-title prose">
          <span class="quiet">{NAMES[name] ?? name}</span> {value}
        </span>
      ))}
    </>
  );
}

const NAMES: Record<string, string> = { source: 'source', surface_id: 'surface', alert_key: 'alert key' };

function State({ silence: { state, ended_at, ended_by } }: { silence: Silence }): JSX.Element {
  if (state === 'active') return <Tag tone="warn">active</Tag>;
  return (
    <>
      <Tag>ended</Tag>
      {ended_at === null ? null : (
        <span class="row-facts">
          early, by {ended_by}, <RelativeTime at={ended_at} />
        </span>
      )}
    </>
  );
}

/** Beside an alert: until when it is silenced, by whom and why. */
export function SilencedNote({ silenced }: { silenced: Silenced | null }): JSX.Element | null {
  if (silenced === null) return null;
  const { until, by, reason } = silenced;
  return (
    <span class="row-facts">
      <a href={PATH}>Silenced</a> until <TimestampWithAge at={until} /> by {by}: {reason}
    </span>
  );
}

/** A link to the form for a new silence, filled in for this alert; for operators. */
export function SilenceAlert({ alertKey }: { alertKey: string }): JSX.Element | null {
  const { may } = useViewer();
  if (!may.operate) return null;
  return (
    <a class="button small" href={`${PATH}/new?alert=${encodeURIComponent(alertKey)}`}>
      Silence this…
    </a>
  );
}
