import type { JSX } from 'preact';
import type { Tile } from '../../model/surfaces.ts';
import { needsAttention } from '../gridSections.ts';
import { StatusBadge } from './badges.tsx';
import { surfaceHref } from './elements.tsx';
import { InvestigateButton } from './investigate.tsx';
import { TileTickets } from './tileTickets.tsx';
import { Elapsed, formatLatency, RelativeTime } from './time.tsx';
import { DayBars, Sparkline, Uptime } from './uptime.tsx';

interface TileProps {
  tile: Tile;
  investigateOn: boolean;
  /** The tile is not in the section of its group. */
  showGroup?: boolean;
}

/** One surface on the grid: its status, availability and latency, its open ticket, and the Investigate button. */
export function SurfaceTile({ tile, investigateOn, showGroup = false }: TileProps): JSX.Element {
  return (
    <li class={`tile ${tile.status.toLowerCase()}`} id={`tile-${tile.id}`}>
      <div class="tile-head">
        <h3 class="clamp">
          <a href={surfaceHref(tile.id)} title={tile.name}>
            {tile.name}
          </a>
        </h3>
        <StatusBadge status={tile.status} />
      </div>
      <p class="tile-facts">
        {showGroup && tile.group !== null ? <span class="quiet">{tile.group} · </span> : null}
        <Since tile={tile} />
      </p>
      <MaintenanceNote tile={tile} />
      {tile.last_check?.error && needsAttention(tile) ? <p class="tile-error">{tile.last_check.error}</p> : null}
      <div class="tile-chart">
        <DayBars days={tile.days} />
        <Uptime days={tile.days} />
      </div>
      <div class="tile-chart">
        <Sparkline recent={tile.recent} />
        <Latency recent={tile.recent} />
      </div>
      <TileTickets tile={tile} />
      <InvestigateButton surface={tile} on={investigateOn} />
    </li>
  );
}

/** How long the status has lasted; for a surface that is no longer checked, its last known status. */
export function Since({ tile: { status, since, was, last_check } }: { tile: Tile }): JSX.Element {
  if (last_check === null) return <>not checked yet</>;
  if (status === 'UNKNOWN') {
    return (
      <>
        last check <RelativeTime at={last_check.at} />
        {was === null ? null : <>, status then: {was}</>}
      </>
    );
  }
  return since === null ? (
    <>start unknown</>
  ) : (
    <>
      for <Elapsed since={since} />
    </>
  );
}

/** When the maintenance ends, and why there is one. */
export function MaintenanceNote({ tile: { status, maintenance } }: { tile: Tile }): JSX.Element | null {
  if (status !== 'MAINTENANCE' || maintenance === null) return null;
  return (
    <p class="tile-note clamp" title={maintenance.reason}>
      ends <RelativeTime at={maintenance.until} />: {maintenance.reason}
    </p>
  );
}

function Latency({ recent }: Pick<Tile, 'recent'>): JSX.Element | null {
  const last = recent.at(-1);
  if (last === undefined) return null;
  return <span class="latency quiet">{last === null ? 'no response' : formatLatency(last)}</span>;
}
