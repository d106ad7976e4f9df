import type { JSX } from 'preact';
import { needsAttention } from '../gridSections.ts';
import { StatusBadge } from './badges.tsx';
import { surfaceHref } from './elements.tsx';
import { InvestigateButton } from './investigate.tsx';
import type { RowProps } from './surfaceRow.tsx';
import { MaintenanceNote, Since } from './tile.tsx';
import { TileTickets } from './tileTickets.tsx';
import { Uptime } from './uptime.tsx';

/** One surface in the density `compact`: a tile without charts. */
export function CompactTile({ tile, investigateOn, showGroup = false }: RowProps): JSX.Element {
  const { id, name, status } = tile;
  return (
    <li class={`tile ${status.toLowerCase()}`} id={`tile-${id}`}>
      <div class="tile-head">
        <h3 class="clamp">
          <a href={surfaceHref(id)} title={name}>
            {name}
          </a>
        </h3>
        <StatusBadge status={status} />
      </div>
      <p class="tile-facts">
        {showGroup && tile.group !== null ? <span class="quiet">{tile.group} · </span> : null}
        <Since tile={tile} />
        {status === 'MAINTENANCE' ? null : (
          <>
            {' '}
            · <Uptime days={tile.days} brief />
          </>
        )}
      </p>
      <MaintenanceNote tile={tile} />
      {tile.last_check?.error && needsAttention(tile) ? <p class="tile-error clamp">{tile.last_check.error}</p> : null}
      <TileTickets tile={tile} />
      <InvestigateButton surface={tile} on={investigateOn} />
    </li>
  );
}
