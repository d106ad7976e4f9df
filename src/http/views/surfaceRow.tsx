import type { JSX } from 'preact';
import type { Tile } from '../../model/surfaces.ts';
import { needsAttention } from '../gridSections.ts';
import { StatusBadge, StatusShape } from './badges.tsx';
import { surfaceHref } from './elements.tsx';
import { InvestigateButton } from './investigate.tsx';
import { Since } from './tile.tsx';
import { TileTickets } from './tileTickets.tsx';
import { RelativeTime } from './time.tsx';
import { Uptime } from './uptime.tsx';

export interface RowProps {
  tile: Tile;
  investigateOn: boolean;
  showGroup?: boolean;
}

/** One surface in the density `list`: a line; with its problem and its ticket if it needs attention. */
export function SurfaceRow({ tile, investigateOn, showGroup = false }: RowProps): JSX.Element {
  const { id, name, status } = tile;
  const link = (
    <a href={surfaceHref(id)} title={name}>
      {name}
    </a>
  );
  if (!needsAttention(tile)) {
    return (
      <li class={`tile row ${status.toLowerCase()}`} id={`tile-${id}`}>
        <StatusShape status={status} />
        {link}
        {tile.recovered_ticket_open ? <span class="row-mark">open ticket</span> : null}
        {tile.maintenance === null ? (
          <Uptime days={tile.days} brief />
        ) : (
          <span class="row-mark" title={tile.maintenance.reason}>
            ends <RelativeTime at={tile.maintenance.until} />
          </span>
        )}
      </li>
    );
  }
  return (
    <li class={`tile row ${status.toLowerCase()}`} id={`tile-${id}`}>
      <StatusBadge status={status} />
      <h3>{link}</h3>
      <p class="tile-facts">
        {showGroup && tile.group !== null ? <span class="quiet">{tile.group} · </span> : null}
        <Since tile={tile} />
      </p>
      {tile.last_check?.error ? (
        <p class="tile-error" title={tile.last_check.error}>
          {tile.last_check.error}
        </p>
      ) : null}
      <TileTickets tile={tile} />
      <InvestigateButton surface={tile} on={investigateOn} />
    </li>
  );
}
