import type { JSX } from 'preact';
import { ALERT_PREFIX, SURFACE_PREFIX } from '../../../machines/shared/actorId.ts';
import type { ActorSummary } from '../../model/actors.ts';
import { SEARCHED_ROWS, type SearchedPage } from '../../model/operations.ts';
import type { Page } from '../endpoint.ts';
import { Tag } from './badges.tsx';
import { actorHref, Empty, NoMatches } from './elements.tsx';
import { Filter, SearchField, TextField } from './filter.tsx';
import { stateText } from './history.tsx';
import { SearchPager } from './searchPager.tsx';
import { type Column, Table } from './table.tsx';
import { TimestampWithAge } from './time.tsx';

export interface ActorsQuery {
  kind?: string | undefined;
  state?: string | undefined;
  q?: string | undefined;
  cursor?: string | undefined;
}

const PATH = '/console/inspect/actors';

export function actorsPage(actors: SearchedPage<ActorSummary>, query: ActorsQuery): Page {
  return {
    title: 'Inspect',
    section: 'inspect',
    live: [SURFACE_PREFIX, ALERT_PREFIX],
    body: <ActorsView actors={actors} query={query} />,
  };
}

function ActorsView({ actors, query }: { actors: SearchedPage<ActorSummary>; query: ActorsQuery }): JSX.Element {
  const filtered = query.kind !== undefined || query.state !== undefined || query.q !== undefined;
  return (
    <>
      <div class="page-head">
        <h1>Inspect</h1>
        <p class="quiet">
          Every surface and every alert has an actor: a state machine that decides when to file a ticket. The{' '}
          <a href="/console/reconcile">reconciler</a> finds and repairs discrepancies.
        </p>
      </div>
      <Filter path={PATH} active={filtered}>
        <TextField name="kind" label="Kind" value={query.kind} hint="surface, alert" />
        <TextField name="state" label="State" value={query.state} hint="firing" />
        <SearchField label="Id" value={query.q} />
      </Filter>
      {actors.rows.length === 0 ? (
        <NoActors filtered={filtered} leadsOn={actors.next_cursor !== null} />
      ) : (
        <Table caption="Actors" columns={COLUMNS} rows={actors.rows} rowId={(row) => row.id} />
      )}
      <SearchPager
        page={actors}
        path={PATH}
        query={{ ...query }}
        searched="the actors that changed"
        limit={`looks through ${SEARCHED_ROWS.toLocaleString('en')} at most`}
        label="Search earlier actors"
      />
    </>
  );
}

function NoActors({ filtered, leadsOn }: { filtered: boolean; leadsOn: boolean }): JSX.Element {
  if (leadsOn) return <Empty title="None of the actors that were searched match this filter." />;
  if (filtered) return <NoMatches title="No actors match this filter." path={PATH} />;
  return <Empty title="No actors yet. The first check or alert creates one." />;
}

const COLUMNS: Column<ActorSummary>[] = [
  {
    title: 'Actor',
    isRowHeader: true,
    cell: (row) => (
      <a href={actorHref(row.id)}>
        <code>{row.id}</code>
      </a>
    ),
  },
  { title: 'Kind', cell: (row) => row.kind },
  { title: 'State', cell: (row) => <ActorState row={row} /> },
  { title: 'Revision', numeric: true, cell: (row) => row.rev },
  { title: 'Changed', cell: (row) => <TimestampWithAge at={row.updated_at} /> },
];

function ActorState({ row }: { row: ActorSummary }): JSX.Element {
  return (
    <>
      {stateText(row.state)} {row.parked === null ? null : <Tag tone="bad">parked</Tag>}
    </>
  );
}
