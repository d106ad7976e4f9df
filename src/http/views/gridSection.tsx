import type { JSX } from 'preact';
import type { StatusGrid } from '../../model/surfaces.ts';
import type { GridSection } from '../gridSections.ts';
import { SurfaceTile } from './tile.tsx';

interface SectionProps {
  section: GridSection;
  grid: StatusGrid;
  investigateOn: boolean;
  changedIds: ReadonlySet<string> | null;
}

/** One section of the grid: its heading and its tiles. */
export function GridSectionView({ section, grid, investigateOn, changedIds }: SectionProps): JSX.Element {
  const { id, title, tiles } = section;
  const heading = title ?? (grid.surfaces.every(({ group }) => group === null) ? 'Surfaces' : 'Ungrouped');
  return (
    <section class="group" id={`section-${id}`} aria-labelledby={`title-${id}`}>
      <h2 id={`title-${id}`}>
        {heading} <span class="quiet">{tiles.length}</span>
      </h2>
      <Tiles section={section} grid={grid} investigateOn={investigateOn} changedIds={changedIds} />
    </section>
  );
}

/** An open page gets only the tiles that changed; `data-same` marks what stays as it is (see console.js). */
function Tiles({ section: { id, kind, tiles }, grid, investigateOn, changedIds }: SectionProps): JSX.Element {
  const list = { id: `list-${id}`, class: kind === 'attention' ? 'tiles' : 'tiles calm' };
  if (kind === 'group' && isUnchanged(tiles[0]?.group ?? null, grid, changedIds)) return <ul {...list} data-same="" />;
  return (
    <ul {...list}>
      {tiles.map((tile) =>
        changedIds && !changedIds.has(tile.id) ? (
          <li key={tile.id} id={`tile-${tile.id}`} data-same="" />
        ) : (
          <SurfaceTile key={tile.id} tile={tile} investigateOn={investigateOn} showGroup={kind === 'attention'} />
        ),
      )}
    </ul>
  );
}

/** No surface of the group changed, so none entered or left its list. */
function isUnchanged(group: string | null, grid: StatusGrid, changedIds: ReadonlySet<string> | null): boolean {
  return changedIds !== null && !grid.surfaces.some((tile) => tile.group === group && changedIds.has(tile.id));
}
