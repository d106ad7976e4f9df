import { randomUUID } from 'node:crypto';
import type { Tile } from '../model/surfaces.ts';
import { createFragments, type Fragments, renderFor } from './fragments.tsx';
import { type SharedHtml, sharedHtml } from './sharedHtml.ts';
import { CompactTile } from './views/compactTile.tsx';
import type { GridProps } from './views/gridProps.ts';
import { RecoveredSurface } from './views/recoveredTickets.tsx';
import { StatusView } from './views/status.tsx';
import { SurfaceRow } from './views/surfaceRow.tsx';
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

/** Pages whose grid was read right before a change are answered while others already show it. */
const LISTS_KEPT = 2;

interface Rendered {
  /** The number of the list of tiles that it shows. */
  list: number;
  second: number;
  html: SharedHtml;
}

/**
 * Renders each tile once per change, and each grid once per change, filter and second. What differs by reader is not part
 * of it, except for the result of a click, whose reader gets a grid of their own.
 */
export function createStatusContent(maxBytes = MAX_BYTES): StatusContent {
  const fragments = createFragments();
  const lists = new WeakMap<readonly Tile[], number>();
  const kept = new Map<string, Rendered>();
  let newest = 0;
  let size = 0;

  /** In the order in which the lists were first shown. */
  function numberOf(surfaces: readonly Tile[]): number {
    const known = lists.get(surfaces);
    if (known !== undefined) return known;
    newest += 1;
    lists.set(surfaces, newest);
    for (const [key, { list }] of kept) if (list <= newest - LISTS_KEPT) drop(key);
    return newest;
  }

  function drop(key: string): void {
    size -= kept.get(key)?.html.bytes.length ?? 0;
    kept.delete(key);
  }

  function keep(key: string, rendered: Rendered): void {
    drop(key);
    kept.set(key, rendered);
    size += rendered.html.bytes.length;
    for (const oldest of kept.keys()) {
      if (size <= maxBytes) return;
      drop(oldest);
    }
  }

  return (props, viewer) => {
    if (viewer.flash?.surfaceId !== undefined) return sharedHtml(...render(props, viewer, createFragments()));
    const list = numberOf(props.grid.surfaces);
    const reader = { ...viewer, principal: null, csrf: null, flash: null };
    const key = `${list} ${keyOf(props, reader)}`;
    const second = Math.floor(reader.now.getTime() / SECOND_MS);
    const found = kept.get(key);
    if (found?.second === second) return found.html;
    const html = sharedHtml(...render(props, reader, fragments));
    keep(key, { list, second, html });
    return html;
  };
}

/** Everything besides the tiles and the time that the grid depends on. */
const keyOf = ({ query, investigateOn, changedIds }: GridProps, { may }: Viewer): string =>
  JSON.stringify([query, investigateOn, may.operate, changedIds && [...changedIds]]);

/** What shows one surface in each density. */
const VIEWS = { tiles: SurfaceTile, compact: CompactTile, list: SurfaceRow };

/** The place of a list of tiles. Nobody can guess it, so no other text contains it. */
const PLACE = `list-${randomUUID()}`;
const PLACES = new RegExp(`${PLACE}-(\\d+);`);

/**
 * The HTML in pieces. One character that is not Latin-1 makes a text take two bytes for each, and several times as long to
 * be encoded. So the lists of tiles, which are nearly all of the HTML, are not joined to one text.
 */
function render(props: GridProps, viewer: Viewer, fragments: Fragments): string[] {
  const { investigateOn, query } = props;
  const View = VIEWS[query.density];
  const button = viewer.may.operate ? (investigateOn ? 'on' : 'off') : 'none';
  const lists: string[] = [];
  const parts = {
    list: (tiles: readonly string[]) => `${PLACE}-${lists.push(tiles.join('')) - 1};`,
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
  const around = renderFor(viewer, <StatusView {...props} parts={parts} />);
  return around.split(PLACES).map((piece, n) => (n % 2 === 0 ? piece : (lists[Number(piece)] ?? '')));
}

/** Until the next day begins, whose date the bars name, and until a state of a ticket is out of date. */
function validUntil({ ticket, earlier_tickets }: Tile, now: Date): number {
  const tomorrow = (Math.floor(now.getTime() / DAY_MS) + 1) * DAY_MS;
  const stale = [ticket, ...earlier_tickets].flatMap((each) => (each && staleFrom(each, now)) ?? []);
  return Math.min(tomorrow, ...stale);
}
