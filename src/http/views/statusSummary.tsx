import type { JSX } from 'preact';
import type { StatusGrid } from '../../model/surfaces.ts';
import { type GridQuery, isFiltered, needsAttention, WORST_FIRST } from '../gridSections.ts';
import { StatusBadge } from './badges.tsx';
import { Empty } from './elements.tsx';

/** The number of surfaces with each status; each links to those surfaces. */
export function StatusCounts({ grid }: { grid: StatusGrid }): JSX.Element {
  return (
    <ul class="counts" aria-label="Surfaces by status">
      {WORST_FIRST.filter((status) => grid.counts[status] > 0).map((status) => (
        <li key={status}>
          <a href={`/console/status?status=${status}`}>
            <strong>{grid.counts[status]}</strong> <StatusBadge status={status} />
          </a>
        </li>
      ))}
      {grid.recovered_with_open_ticket === 0 ? null : (
        <li>
          <a href="#recovered">
            <strong>{grid.recovered_with_open_ticket}</strong> recovered, ticket still open
          </a>
        </li>
      )}
    </ul>
  );
}

/** Without problems the page says so, instead of only showing none. Tickets that are still open are work to be done. */
export function AllOperational({ grid }: { grid: StatusGrid }): JSX.Element | null {
  const { surfaces, recovered_with_open_ticket: open } = grid;
  if (surfaces.some(needsAttention)) return null;
  if (open === 0) return <p class="banner good all-operational">No problems: {operationalCount(grid)}</p>;
  return (
    <p class="banner note all-operational">
      No problems now: {operationalCount(grid)}{' '}
      <a href="#recovered">
        {open} {open === 1 ? 'ticket is' : 'tickets are'} still open.
      </a>
    </p>
  );
}

export function NoMatchingSurfaces({ grid, query }: { grid: StatusGrid; query: GridQuery }): JSX.Element {
  const onlyProblems = query.problems !== undefined && !isFiltered({ ...query, problems: undefined });
  if (onlyProblems) {
    return (
      <Empty title="Nothing needs attention.">
        <p>
          {operationalCount(grid)} <a href="/console/status">Show all surfaces</a>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No surfaces match this filter.">
      <p>
        <a href="/console/status">Show all {grid.surfaces.length}</a>
      </p>
    </Empty>
  );
}

const operationalCount = ({ counts: { OPERATIONAL: operational, MAINTENANCE: maintenance } }: StatusGrid): string =>
  `${operational} ${operational === 1 ? 'surface is' : 'surfaces are'} operational` +
  `${maintenance > 0 ? `, ${maintenance} in maintenance` : ''}.`;
