import type { JSX } from 'preact';
import type { Tile } from '../../model/surfaces.ts';
import { needsAttention } from '../gridSections.ts';
import { StatusMark, Tag } from './badges.tsx';
import { surfaceHref } from './elements.tsx';
import { Investigate } from './investigate.tsx';
import { TicketLine } from './ticket.tsx';
import { Ago, For, latency } from './time.tsx';
import { DayBars, Sparkline, Uptime } from './uptime.tsx';

interface TileProps {
  tile: Tile;
  investigateOn: boolean;
  /** Where it does not stand among its own. */
  showGroup?: boolean;
}

/** One surface on the grid: how it is, since when, how it was, which ticket is open and who has it, what can be done. */
export function TileView({ tile, investigateOn, showGroup = false }: TileProps): JSX.Element {
  return (
    <li class={`tile ${tile.status.toLowerCase()}`} id={`tile-${tile.id}`}>
      <div class="tile-head">
        <h3>
          <a href={surfaceHref(tile.id)}>{tile.name}</a>
        </h3>
        <StatusMark status={tile.status} />
      </div>
      <p class="tile-facts">
        {showGroup && tile.group !== null ? <span class="quiet">{tile.group} · </span> : null}
        <Since tile={tile} />
      </p>
      {tile.last_check?.error && needsAttention(tile) ? <p class="tile-error">{tile.last_check.error}</p> : null}
      <div class="tile-past">
        <DayBars days={tile.days} />
        <Uptime days={tile.days} />
      </div>
      <div class="tile-past">
        <Sparkline recent={tile.recent} />
        <Latency recent={tile.recent} />
      </div>
      {tile.ticket === null ? null : (
        <p class="tile-ticket">
          <TicketLine ticket={tile.ticket} /> {tile.recovered_ticket_open ? <Tag tone="warn">recovered</Tag> : null}
        </p>
      )}
      <Investigate surface={tile} on={investigateOn} from="status" />
    </li>
  );
}

/** What is not checked any more says so, and what it was when somebody last looked. */
function Since({ tile: { status, since, was, last_check } }: { tile: Tile }): JSX.Element {
  if (last_check === null) return <>not checked yet</>;
  if (status === 'UNKNOWN') {
    return (
      <>
        last check <Ago at={last_check.at} />
        {was === null ? null : <>, it was {was} then</>}
      </>
    );
  }
  return since === null ? (
    <>not known since when</>
  ) : (
    <>
      for <For since={since} />
    </>
  );
}

function Latency({ recent }: Pick<Tile, 'recent'>): JSX.Element | null {
  const last = recent.at(-1);
  if (last === undefined) return null;
  return <span class="latency quiet">{last === null ? 'no answer' : latency(last)}</span>;
}
