import type { JSX } from 'preact';
import type { StatusGrid } from '../../model/surfaces.ts';
import { type GridQuery, groupNames, isFiltered } from '../gridSections.ts';
import { Filter, SearchField, SelectField } from './filter.tsx';

const STATUSES = {
  DOWN: 'Down',
  DEGRADED: 'Degraded',
  UNKNOWN: 'Unknown',
  MAINTENANCE: 'Maintenance',
  OPERATIONAL: 'Operational',
};

/** A grid of this size is seen at a glance, so its filter starts closed. */
const SMALL_GRID = 12;

/** The filter and order of the grid, kept in the address so that it can be bookmarked and shared. */
export function StatusFilter({ grid, query }: { grid: StatusGrid; query: GridQuery }): JSX.Element {
  const groups = Object.fromEntries(groupNames(grid).map((group) => [group, group]));
  const isUsed = isFiltered(query) || query.sort !== 'worst';
  return (
    <details
      class="filters"
      id="filters"
      open={isUsed || (grid.surfaces.length > SMALL_GRID && query.density !== 'list')}
    >
      <summary>Filter and order</summary>
      <Filter path="/console/status" active={isUsed}>
        <SearchField label="Name or id" value={query.q} />
        <SelectField name="status" label="Status" any="Any" options={STATUSES} value={query.status} />
        {Object.keys(groups).length === 0 ? null : (
          <SelectField name="group" label="Group" any="Any" options={groups} value={query.group} />
        )}
        <label class="field">
          <span>Order</span>
          <select name="sort">
            <option value="" selected={query.sort === 'worst'}>
              Worst first
            </option>
            <option value="name" selected={query.sort === 'name'}>
              By name
            </option>
          </select>
        </label>
        <label class="check">
          <input type="checkbox" name="problems" value="1" checked={query.problems === '1'} />
          <span>Only problems</span>
        </label>
      </Filter>
    </details>
  );
}
