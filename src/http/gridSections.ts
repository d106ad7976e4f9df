import type { StatusGrid, SurfaceStatus, Tile } from '../model/surfaces.ts';

/** What a reader wants to see of the grid, as it stands in the address. */
export interface GridQuery {
  status?: SurfaceStatus | undefined;
  group?: string | undefined;
  q?: string | undefined;
  /** Only what needs a person. */
  problems?: '1' | undefined;
  sort: 'worst' | 'name';
}

/** One list of tiles under a heading. */
export interface GridSection {
  /** The same for the same list on every look. */
  id: string;
  /** Null for surfaces without a group. */
  title: string | null;
  kind: 'attention' | 'group';
  tiles: Tile[];
}

/** Worst first: what needs a person stands on top, wherever it belongs. */
const BADNESS: Record<SurfaceStatus, number> = { DOWN: 0, DEGRADED: 1, UNKNOWN: 2, MAINTENANCE: 3, OPERATIONAL: 4 };
export const WORST_FIRST = (Object.keys(BADNESS) as SurfaceStatus[]).sort((a, b) => BADNESS[a] - BADNESS[b]);

const PROBLEMS: readonly SurfaceStatus[] = ['DOWN', 'DEGRADED', 'UNKNOWN'];
export const needsAttention = ({ status }: Pick<Tile, 'status'>): boolean => PROBLEMS.includes(status);

export const isFiltered = ({ status, group, q, problems }: GridQuery): boolean =>
  status !== undefined || group !== undefined || q !== undefined || problems !== undefined;

/** The tiles that fit; a name is found by any part of it or of the id, upper or lower case alike. */
export function fitting(board: StatusGrid, { status, group, q, problems }: GridQuery): Tile[] {
  const wanted = q?.trim().toLowerCase() ?? '';
  return board.surfaces.filter(
    (tile) =>
      (status === undefined || tile.status === status) &&
      (group === undefined || tile.group === group) &&
      (problems === undefined || needsAttention(tile)) &&
      (wanted === '' || tile.name.toLowerCase().includes(wanted) || tile.id.includes(wanted)),
  );
}

/** The groups in the order of the surfaces file. */
export function groupsOf(board: StatusGrid): string[] {
  const groups = new Set<string>();
  for (const { group } of board.surfaces) if (group !== null) groups.add(group);
  return [...groups];
}

/**
 * Worst first, what needs a person stands together on top and everything else calmly in its group; by name, each surface
 * stays in its group whatever happens to it.
 */
export function sectionsOf(board: StatusGrid, query: GridQuery): GridSection[] {
  const shown = fitting(board, query);
  const byName = query.sort === 'name';
  const attention = byName ? [] : shown.filter(needsAttention).sort(worstFirst);
  const calm = byName
    ? shown.toSorted((a, b) => COLLATOR.compare(a.name, b.name))
    : shown.filter((t) => !needsAttention(t));
  const byGroup = new Map<string | null, Tile[]>();
  for (const tile of calm) {
    const members = byGroup.get(tile.group);
    if (members) members.push(tile);
    else byGroup.set(tile.group, [tile]);
  }
  const groups: GridSection[] = [...groupsOf(board), null].map((title, n) => ({
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
