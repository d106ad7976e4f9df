import type { JSX } from 'preact';
import type { StatusGrid } from '../../model/surfaces.ts';
import type { GridSection } from '../gridSections.ts';
import type { GridParts, GridProps } from './gridProps.ts';

interface SectionProps extends Pick<GridProps, 'grid' | 'changedIds'> {
  section: GridSection;
  parts: GridParts;
}

/** One section of the grid: its heading and its tiles. */
export function GridSectionView({ section, grid, changedIds, parts }: SectionProps): JSX.Element {
  const { id, title, tiles } = section;
  const heading = title ?? (grid.surfaces.every(({ group }) => group === null) ? 'Surfaces' : 'Ungrouped');
  return (
    <section class="group" id={`section-${id}`} aria-labelledby={`title-${id}`}>
      <h2 id={`title-${id}`}>
        {heading} <span class="quiet">{tiles.length}</span>
      </h2>
      <Tiles section={section} grid={grid} changedIds={changedIds} parts={parts} />
    </section>
  );
}

/** An open page gets only the tiles that changed; `data-same` marks what stays as it is (see console.js). */
function Tiles({ section: { id, kind, tiles }, grid, changedIds, parts }: SectionProps): JSX.Element {
  const list = { id: `list-${id}`, class: kind === 'attention' ? 'tiles' : 'tiles calm' };
  if (kind === 'group' && isUnchanged(tiles[0]?.group ?? null, grid, changedIds)) return <ul {...list} data-same="" />;
  // The id of a surface has no characters that HTML has to escape.
  const html = tiles.map((tile) =>
    changedIds && !changedIds.has(tile.id)
      ? `<li id="tile-${tile.id}" data-same></li>`
      : parts.tile(tile, kind === 'attention'),
  );
  return <ul {...list} dangerouslySetInnerHTML={{ __html: html.join('') }} />;
}

/** No surface of the group changed, so none entered or left its list. */
function isUnchanged(group: string | null, grid: StatusGrid, changedIds: ReadonlySet<string> | null): boolean {
  return changedIds !== null && !grid.surfaces.some((tile) => tile.group === group && changedIds.has(tile.id));
}
