import type { StatusGrid, SurfaceStatus, Tile } from '../model/surfaces.ts';

/** The filter and order of the grid, from the query string. */
export interface GridQuery {
  status?: SurfaceStatus | undefined;
  group?: string | undefined;
  q?: string | undefined;
  /** Only surfaces that need attention. */
  problems?: '1' | undefined;
  sort: 'worst' | 'name';
  density: Density;
}

/** How much the grid shows of each surface: charts, the figures alone, or one line. */
export type Density = (typeof DENSITIES)[number];
export const DENSITIES = ['tiles', 'compact', 'list'] as const;

/** One list of tiles under a heading. */
export interface GridSection {
  /** Stable, so that an open page can update the section in place. */
  id: string;
  /** Null for surfaces without a group. */
  title: string | null;
  kind: 'attention' | 'group';
  tiles: Tile[];
}

/** Sort order, worst first. */
const BADNESS: Record<SurfaceStatus, number> = { DOWN: 0, DEGRADED: 1, UNKNOWN: 2, MAINTENANCE: 3, OPERATIONAL: 4 };
export const WORST_FIRST = (Object.keys(BADNESS) as SurfaceStatus[]).sort((a, b) => BADNESS[a] - BADNESS[b]);

const PROBLEMS: readonly SurfaceStatus[] = ['DOWN', 'DEGRADED', 'UNKNOWN'];
export const needsAttention = ({ status }: Pick<Tile, 'status'>): boolean => PROBLEMS.includes(status);

export const isFiltered = ({ status, group, q, problems }: GridQuery): boolean =>
  status !== undefined || group !== undefined || q !== undefined || problems !== undefined;

/** The tiles that match the filter; `q` matches any part of the name or id, ignoring case. */
export function matchingTiles(grid: StatusGrid, { status, group, q, problems }: GridQuery): Tile[] {
  const search = q?.trim().toLowerCase() ?? '';
  return grid.surfaces.filter(
    (tile) =>
      (status === undefined || tile.status === status) &&
      (group === undefined || tile.group === group) &&
      (problems === undefined || needsAttention(tile)) &&
      (search === '' || tile.name.toLowerCase().includes(search) || tile.id.includes(search)),
  );
}

/** The groups in the order of the surfaces file. */
export function groupNames(grid: StatusGrid): string[] {
  const groups = new Set<string>();
  for (const { group } of grid.surfaces) if (group !== null) groups.add(group);
  return [...groups];
}

/**
 * Sorted by `worst`, surfaces that need attention come first in a section of their own, and the others follow by group.
 * Sorted by `name`, every surface stays in its group whatever its status.
 */
export function gridSections(grid: StatusGrid, query: GridQuery): GridSection[] {
  const tiles = matchingTiles(grid, query);
  const byName = query.sort === 'name';
  const attention = byName ? [] : tiles.filter(needsAttention).sort(worstFirst);
  const grouped = byName
    ? tiles.toSorted((a, b) => COLLATOR.compare(a.name, b.name))
    : tiles.filter((tile) => !needsAttention(tile));
  const byGroup = new Map<string | null, Tile[]>();
  for (const tile of grouped) {
    const members = byGroup.get(tile.group);
    if (members) members.push(tile);
    else byGroup.set(tile.group, [tile]);
  }
  const groups: GridSection[] = [...groupNames(grid), null].map((title, n) => ({
    id: title === null ? 'group-none' : `group-${n}`,
    title,
    kind: 'group',
    tiles: byGroup.get(title) ?? [],
  }));
  const first: GridSection = { id: 'attention', title: 'Needs attention', kind: 'attention', tiles: attention };
  return [first, ...groups].filter(({ tiles }) => tiles.length > 0);
}

const COLLATOR = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const worstFirst = (a: Tile, b: Tile) => BADNESS[a.status] - BADNESS[b.status];
