import type { JSX } from 'preact';
import type { StatusGrid, Tile } from '../../model/surfaces.ts';
import { type GridSection, needsAttention, WORST_FIRST } from '../gridSections.ts';
import { StatusBadge } from './badges.tsx';
import type { GridParts, GridProps } from './gridProps.ts';

interface SectionProps extends Pick<GridProps, 'grid' | 'query' | 'changedIds'> {
  section: GridSection;
  parts: GridParts;
}

/** One section of the grid: its heading and its tiles. A group can be collapsed; what needs attention cannot. */
export function GridSectionView(props: SectionProps): JSX.Element {
  const { section, grid } = props;
  const { id, title, kind, tiles } = section;
  const heading = title ?? (grid.surfaces.every(({ group }) => group === null) ? 'Surfaces' : 'Ungrouped');
  const head = (
    <h2 id={`title-${id}`}>
      {heading} <span class="quiet">{tiles.length}</span>
    </h2>
  );
  if (kind === 'attention') {
    return (
      <section class="group" id={`section-${id}`} aria-labelledby={`title-${id}`}>
        {head}
        <Tiles {...props} />
      </section>
    );
  }
  return (
    <details class="group" id={`section-${id}`} data-group={heading} open>
      <summary>
        {head} <Problems tiles={tiles} />
      </summary>
      <Tiles {...props} />
    </details>
  );
}

/** Sorted by name, a collapsed group may hide surfaces that need attention. */
function Problems({ tiles }: { tiles: readonly Tile[] }): JSX.Element | null {
  const problems = tiles.filter(needsAttention);
  if (problems.length === 0) return null;
  return (
    <span class="problems">
      {WORST_FIRST.map((status) => ({ status, n: problems.filter((tile) => tile.status === status).length }))
        .filter(({ n }) => n > 0)
        .map(({ status, n }) => (
          <span key={status}>
            {n} <StatusBadge status={status} />
          </span>
        ))}
    </span>
  );
}

/** An open page gets only the tiles that changed; `data-same` marks what stays as it is (see console.js). */
function Tiles({ section: { id, kind, tiles }, grid, query, changedIds, parts }: SectionProps): JSX.Element {
  const list = { id: `list-${id}`, class: listClass(query, kind) };
  if (kind === 'group' && isUnchanged(tiles[0]?.group ?? null, grid, changedIds)) return <ul {...list} data-same="" />;
  // The id of a surface has no characters that HTML has to escape.
  const html = tiles.map((tile) =>
    changedIds && !changedIds.has(tile.id)
      ? `<li id="tile-${tile.id}" data-same></li>`
      : parts.tile(tile, kind === 'attention'),
  );
  return <ul {...list} dangerouslySetInnerHTML={{ __html: parts.list(html) }} />;
}

function listClass({ density }: GridProps['query'], kind: GridSection['kind']): string {
  if (density === 'list') return kind === 'attention' ? 'rows wide' : 'rows';
  const tiles = density === 'compact' ? 'tiles compact' : 'tiles';
  return kind === 'attention' ? tiles : `${tiles} calm`;
}

/** No surface of the group changed, so none entered or left its list. */
function isUnchanged(group: string | null, grid: StatusGrid, changedIds: ReadonlySet<string> | null): boolean {
  return changedIds !== null && !grid.surfaces.some((tile) => tile.group === group && changedIds.has(tile.id));
}
