import type { StatusGrid, Tile } from '../../model/surfaces.ts';
import type { GridQuery } from '../gridSections.ts';

export interface GridProps {
  grid: StatusGrid;
  query: GridQuery;
  investigateOn: boolean;
  /** For an open page: the surfaces whose tiles it needs. null renders all tiles. */
  changedIds: ReadonlySet<string> | null;
}

/** Parts of the grid as HTML, rendered apart. */
export interface GridParts {
  tile(tile: Tile, showGroup: boolean): string;
  /** What stands for the list of these tiles until the grid is put together. */
  list(tiles: readonly string[]): string;
  recoveredTickets(tile: Tile): string;
}
