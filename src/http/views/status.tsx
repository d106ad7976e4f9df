import type { JSX } from 'preact';
import type { StatusGrid, Tile } from '../../model/surfaces.ts';
import type { Page } from '../endpoint.ts';
import {
  fitting,
  type GridQuery,
  type GridSection,
  isFiltered,
  needsAttention,
  sectionsOf,
  WORST_FIRST,
} from '../gridSections.ts';
import { StatusMark } from './badges.tsx';
import { Empty, surfaceHref } from './elements.tsx';
import { StatusFilter } from './statusFilter.tsx';
import { TicketLine } from './ticket.tsx';
import { TileView } from './tile.tsx';
import { Ago, At } from './time.tsx';

interface StatusProps {
  board: StatusGrid;
  query: GridQuery;
  investigateOn: boolean;
  /** The surfaces whose tiles are wanted, for a page that has all the others; null for all. */
  only: ReadonlySet<string> | null;
}

/** A grid that fits a screen or two is read anew now and then; a large one less often, since what changes is told anyway. */
const SMALL = 100;
const REFRESH_S = { small: 30, large: 300 };

export function statusPage(props: StatusProps): Page {
  const { DOWN: down, DEGRADED: degraded } = props.board.counts;
  const trouble = [down > 0 ? `${down} down` : '', degraded > 0 ? `${degraded} degraded` : ''].filter(Boolean);
  return {
    title: trouble.length === 0 ? 'Status' : `${trouble.join(', ')} · Status`,
    section: 'status',
    live: ['grid'],
    body: <StatusView {...props} />,
  };
}

function StatusView({ board, query, investigateOn, only }: StatusProps): JSX.Element {
  const sections = sectionsOf(board, query);
  const total = board.surfaces.length;
  return (
    <>
      <div class="page-head">
        <h1>Status</h1>
        <Counts board={board} />
      </div>
      {total === 0 ? null : <StatusFilter board={board} query={query} />}
      {total === 0 ? <NoSurfaces /> : null}
      {total > 0 && sections.length === 0 ? <NothingFits board={board} query={query} /> : null}
      {sections.length > 0 ? <AllWell board={board} /> : null}
      {sections
        .filter(({ kind }) => kind === 'attention')
        .map((section) => (
          <Section key={section.id} section={section} {...{ investigateOn, only, board }} />
        ))}
      <RecoveredTickets board={board} query={query} />
      {sections
        .filter(({ kind }) => kind === 'group')
        .map((section) => (
          <Section key={section.id} section={section} {...{ investigateOn, only, board }} />
        ))}
      {total === 0 ? null : <Legend />}
      <p
        class="as-of quiet"
        id="as-of"
        data-as-of={board.generated_at}
        data-refresh={total > SMALL ? REFRESH_S.large : REFRESH_S.small}
      >
        As of <At at={board.generated_at} />
      </p>
    </>
  );
}

const wellInWords = ({ counts: { OPERATIONAL: well, MAINTENANCE: resting } }: StatusGrid): string =>
  `${well} ${well === 1 ? 'surface is' : 'surfaces are'} operational${resting > 0 ? `, ${resting} in maintenance` : ''}.`;

/** Said, and not only shown by the absence of anything else. */
function AllWell({ board }: { board: StatusGrid }): JSX.Element | null {
  if (board.surfaces.some(needsAttention)) return null;
  return <p class="banner good all-well">Nothing is down, degraded or unknown: {wellInWords(board)}</p>;
}

/** How many there are of each, and the way to see only those. */
function Counts({ board }: { board: StatusGrid }): JSX.Element {
  return (
    <ul class="counts" aria-label="Surfaces by status">
      {WORST_FIRST.filter((status) => board.counts[status] > 0).map((status) => (
        <li key={status}>
          <a href={`/console/status?status=${status}`}>
            <strong>{board.counts[status]}</strong> <StatusMark status={status} />
          </a>
        </li>
      ))}
      {board.recovered_with_open_ticket === 0 ? null : (
        <li>
          <a href="#recovered">
            <strong>{board.recovered_with_open_ticket}</strong> recovered, ticket still open
          </a>
        </li>
      )}
    </ul>
  );
}

interface SectionProps {
  section: GridSection;
  board: StatusGrid;
  investigateOn: boolean;
  only: ReadonlySet<string> | null;
}

function Section({ section, board, investigateOn, only }: SectionProps): JSX.Element {
  const { id, title, tiles } = section;
  const heading = title ?? (board.surfaces.every(({ group }) => group === null) ? 'Surfaces' : 'Without a group');
  return (
    <section class="group" id={`section-${id}`} aria-labelledby={`title-${id}`}>
      <h2 id={`title-${id}`}>
        {heading} <span class="quiet">{tiles.length}</span>
      </h2>
      <Tiles section={section} board={board} investigateOn={investigateOn} only={only} />
    </section>
  );
}

/** Of a page that is shown already only what changed is sent; the rest is named, so that it stays where it is. */
function Tiles({ section: { id, kind, tiles }, board, investigateOn, only }: SectionProps): JSX.Element {
  const list = { id: `list-${id}`, class: kind === 'attention' ? 'tiles' : 'tiles calm' };
  if (kind === 'group' && isAsItWas(tiles[0]?.group ?? null, board, only)) return <ul {...list} data-same="" />;
  return (
    <ul {...list}>
      {tiles.map((tile) =>
        only && !only.has(tile.id) ? (
          <li key={tile.id} id={`tile-${tile.id}`} data-same="" />
        ) : (
          <TileView key={tile.id} tile={tile} investigateOn={investigateOn} showGroup={kind === 'attention'} />
        ),
      )}
    </ul>
  );
}

/** No tile of this group changed, so that none came into its list or left it. */
function isAsItWas(group: string | null, board: StatusGrid, only: ReadonlySet<string> | null): boolean {
  return only !== null && !board.surfaces.some((tile) => tile.group === group && only.has(tile.id));
}

function RecoveredTickets({ board, query }: { board: StatusGrid; query: GridQuery }): JSX.Element | null {
  const { status: _status, problems: _problems, ...rest } = query;
  // Whoever looks at problems only still wants to know what has to be closed.
  const recovered = fitting(board, rest).filter((tile) => tile.recovered_ticket_open);
  if (recovered.length === 0) return null;
  return (
    <section class="panel" id="recovered" aria-labelledby="recovered-title">
      <div class="panel-head">
        <h2 id="recovered-title">
          Recovered, ticket still open <span class="count">{recovered.length}</span>
        </h2>
        <p class="quiet">Well again. Close these tickets in FreeScout once the work is done.</p>
      </div>
      <ul class="plain-rows">
        {recovered.map((tile) => (
          <Recovered key={tile.id} tile={tile} />
        ))}
      </ul>
    </section>
  );
}

function Recovered({ tile }: { tile: Tile }): JSX.Element {
  return (
    <li>
      <a href={surfaceHref(tile.id)}>{tile.name}</a>
      {tile.recovered_ticket === null ? null : (
        <span>
          <TicketLine ticket={tile.recovered_ticket} />
        </span>
      )}
      {tile.since === null ? null : (
        <span class="quiet">
          well since <Ago at={tile.since} />
        </span>
      )}
    </li>
  );
}

function Legend(): JSX.Element {
  const kinds = ['operational', 'degraded', 'down', 'maintenance', 'nothing'];
  return (
    <details class="legend" id="legend">
      <summary>What the bars and lines mean</summary>
      <p>
        One bar is one day (UTC), 90 days in all, today to the right; its worst moment counts. The line is the latency
        of the last 30 checks from zero up, a tall stroke a check without an answer. The percentage is the share of
        checks at which the surface did not stand as down; maintenance does not count.
      </p>
      <ul class="kinds">
        {kinds.map((kind) => (
          <li key={kind}>
            <svg class="bars" viewBox="0 0 12 20" width="12" height="20" aria-hidden="true" focusable="false">
              <path class={kind} d={`M0 ${kind === 'degraded' ? 8 : 10}h11`} />
            </svg>
            {kind === 'nothing' ? 'nothing known' : kind}
          </li>
        ))}
      </ul>
    </details>
  );
}

function NothingFits({ board, query }: { board: StatusGrid; query: GridQuery }): JSX.Element {
  const onlyProblems = query.problems !== undefined && !isFiltered({ ...query, problems: undefined });
  if (onlyProblems) {
    return (
      <Empty title="Nothing needs attention.">
        <p>
          {wellInWords(board)} <a href="/console/status">Show them</a>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No surface fits this filter.">
      <p>
        <a href="/console/status">Show all {board.surfaces.length}</a>
      </p>
    </Empty>
  );
}

function NoSurfaces(): JSX.Element {
  return (
    <Empty title="No surface is watched yet.">
      <p>
        Name what to watch in a YAML file, set <code>SURFACES_FILE</code> to its path, and check it with{' '}
        <code>auto-ticketing surfaces check</code>. Surfaces show here after their first check.
      </p>
    </Empty>
  );
}
