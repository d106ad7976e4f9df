import type { Tile } from '../model/surfaces.ts';
import { createFragments, type Fragments, renderFor } from './fragments.tsx';
import { type SharedHtml, sharedHtml } from './sharedHtml.ts';
import type { GridProps } from './views/gridProps.ts';
import { RecoveredSurface } from './views/recoveredTickets.tsx';
import { StatusView } from './views/status.tsx';
import { CompactTile, SurfaceRow } from './views/surfaceRow.tsx';
import { staleFrom } from './views/ticket.tsx';
import { SurfaceTile } from './views/tile.tsx';
import type { Viewer } from './views/viewerContext.ts';

/** The grid as HTML for all readers who see the same. */
export type StatusContent = (props: GridProps, viewer: Viewer) => SharedHtml;

/** Memory for rendered grids: a reader chooses the filter, so there may be any number of them. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Passing times are written once per second. */
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/**
 * Renders each tile once per change, and each grid once per change, filter and second. What differs by reader is not part
 * of it, except for the result of a click, whose reader gets a grid of their own.
 */
export function createStatusContent(maxBytes = MAX_BYTES): StatusContent {
  const fragments = createFragments();
  let kept = new Map<string, { second: number; html: SharedHtml }>();
  let shownSurfaces: readonly Tile[] | null = null;
  let size = 0;

  function keep(key: string, second: number, html: SharedHtml): void {
    size += html.bytes.length - (kept.get(key)?.html.bytes.length ?? 0);
    kept.delete(key);
    kept.set(key, { second, html });
    for (const [oldest, { html: dropped }] of kept) {
      if (size <= maxBytes) return;
      kept.delete(oldest);
      size -= dropped.bytes.length;
    }
  }

  return (props, viewer) => {
    const { surfaces } = props.grid;
    if (viewer.flash?.surfaceId !== undefined) return sharedHtml(render(props, viewer, createFragments()));
    if (shownSurfaces !== surfaces) {
      shownSurfaces = surfaces;
      kept = new Map();
      size = 0;
    }
    const reader = { ...viewer, principal: null, csrf: null, flash: null };
    const key = keyOf(props, reader);
    const second = Math.floor(reader.now.getTime() / SECOND_MS);
    const found = kept.get(key);
    if (found?.second === second) return found.html;
    const html = sharedHtml(render(props, reader, fragments));
    keep(key, second, html);
    return html;
  };
}

/** Everything besides the tiles and the time that the grid depends on. */
const keyOf = ({ query, investigateOn, changedIds }: GridProps, { may }: Viewer): string =>
  JSON.stringify([query, investigateOn, may.operate, changedIds && [...changedIds]]);

/** What shows one surface in each density. */
const VIEWS = { tiles: SurfaceTile, compact: CompactTile, list: SurfaceRow };

function render(props: GridProps, viewer: Viewer, fragments: Fragments): string {
  const { investigateOn, query } = props;
  const View = VIEWS[query.density];
  const button = viewer.may.operate ? (investigateOn ? 'on' : 'off') : 'none';
  const parts = {
    tile: (tile: Tile, showGroup: boolean) =>
      fragments.html(tile, `${query.density} ${showGroup} ${button}`, viewer, () => ({
        content: <View tile={tile} investigateOn={investigateOn} showGroup={showGroup} />,
        until: validUntil(tile, viewer.now),
      })),
    recoveredTickets: (tile: Tile) =>
      fragments.html(tile, 'recovered tickets', viewer, () => ({
        content: <RecoveredSurface tile={tile} />,
        until: validUntil(tile, viewer.now),
      })),
  };
  return renderFor(viewer, <StatusView {...props} parts={parts} />);
}

/** Until the next day begins, whose date the bars name, and until a state of a ticket is out of date. */
function validUntil({ ticket, earlier_tickets }: Tile, now: Date): number {
  const tomorrow = (Math.floor(now.getTime() / DAY_MS) + 1) * DAY_MS;
  const stale = [ticket, ...earlier_tickets].flatMap((each) => (each && staleFrom(each, now)) ?? []);
  return Math.min(tomorrow, ...stale);
}
