import type { JSX } from 'preact';
import type { Page } from '../endpoint.ts';
import type { Board, SurfaceStatus, Tile } from '../services.ts';
import { StatusMark } from './marks.tsx';
import { Empty, surfaceHref, TicketRef } from './parts.tsx';
import { TileView } from './tile.tsx';
import { Ago, At } from './time.tsx';

/** Worst first: what needs a person stands on top, wherever it belongs. */
const BADNESS: Record<SurfaceStatus, number> = { DOWN: 0, DEGRADED: 1, UNKNOWN: 2, MAINTENANCE: 3, OPERATIONAL: 4 };
const WORST_FIRST = (Object.keys(BADNESS) as SurfaceStatus[]).sort((a, b) => BADNESS[a] - BADNESS[b]);

interface Group {
  name: string | null;
  tiles: Tile[];
}

export function statusPage(board: Board, investigateOn: boolean): Page {
  const { DOWN: down, DEGRADED: degraded } = board.counts;
  const trouble = [down > 0 ? `${down} down` : '', degraded > 0 ? `${degraded} degraded` : ''].filter(Boolean);
  return {
    title: trouble.length === 0 ? 'Status' : `${trouble.join(', ')} · Status`,
    section: 'status',
    live: ['surface:', 'alert:'],
    body: <StatusView board={board} investigateOn={investigateOn} />,
  };
}

function StatusView({ board, investigateOn }: { board: Board; investigateOn: boolean }): JSX.Element {
  const groups = grouped(board.surfaces);
  return (
    <>
      <div class="page-head">
        <h1>Status</h1>
        <ul class="counts" aria-label="Surfaces by status">
          {WORST_FIRST.filter((status) => board.counts[status] > 0).map((status) => (
            <li key={status}>
              <strong>{board.counts[status]}</strong> <StatusMark status={status} />
            </li>
          ))}
        </ul>
      </div>
      <RecoveredTickets board={board} />
      {groups.length === 0 ? <NoSurfaces /> : null}
      {groups.map(({ name, tiles }) => (
        <section key={name ?? ''} class="group" aria-label={name ?? 'Without a group'}>
          <h2>
            {name ?? (groups.length > 1 ? 'Other' : 'Surfaces')} <span class="quiet">{tiles.length}</span>
          </h2>
          <Tiles tiles={tiles.filter(isTrouble)} investigateOn={investigateOn} look="tiles" />
          <Tiles tiles={tiles.filter((tile) => !isTrouble(tile))} investigateOn={investigateOn} look="tiles calm" />
        </section>
      ))}
      <p class="as-of quiet">
        As of <At at={board.generated_at} />
      </p>
    </>
  );
}

interface TilesProps {
  tiles: Tile[];
  investigateOn: boolean;
  look: string;
}

/** What is in trouble has room for its facts; what is well stands close together. */
function Tiles({ tiles, investigateOn, look }: TilesProps): JSX.Element | null {
  if (tiles.length === 0) return null;
  return (
    <ul class={look}>
      {tiles.map((tile) => (
        <TileView key={tile.id} tile={tile} investigateOn={investigateOn} />
      ))}
    </ul>
  );
}

const isTrouble = ({ status }: Tile) => status === 'DOWN' || status === 'DEGRADED';

function grouped(tiles: readonly Tile[]): Group[] {
  const byName = new Map<string | null, Tile[]>();
  for (const tile of tiles) byName.set(tile.group, [...(byName.get(tile.group) ?? []), tile]);
  const groups = [...byName].map(([name, members]) => ({ name, tiles: members.sort(worstFirst) }));
  // Groups come in the order of the surfaces file unless one of them has worse news.
  return groups.sort((a, b) => worstOf(a) - worstOf(b));
}

const worstFirst = (a: Tile, b: Tile) => BADNESS[a.status] - BADNESS[b.status];
const worstOf = ({ tiles }: Group) => Math.min(...tiles.map(({ status }) => BADNESS[status]));

function RecoveredTickets({ board }: { board: Board }): JSX.Element | null {
  const recovered = board.surfaces.filter((tile) => tile.recovered_ticket_open);
  if (board.recovered_with_open_ticket === 0) return null;
  return (
    <section class="panel" id="recovered" aria-labelledby="recovered-title">
      <div class="panel-head">
        <h2 id="recovered-title">
          Recovered, ticket still open <span class="count">{board.recovered_with_open_ticket}</span>
        </h2>
        <p class="quiet">Well again. Close these tickets in FreeScout once the work is done.</p>
      </div>
      <ul class="plain-rows">
        {recovered.map((tile) => (
          <li key={tile.id}>
            <a href={surfaceHref(tile.id)}>{tile.name}</a>
            {tile.recovered_ticket === null ? null : <TicketRef ticket={tile.recovered_ticket} />}
            {tile.since === null ? null : (
              <span class="quiet">
                well since <Ago at={tile.since} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
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
