import type { JSX } from 'preact';
import { DENSITIES, type Density, type GridQuery } from '../gridSections.ts';

const LABELS: Record<Density, string> = { tiles: 'Tiles', compact: 'Compact', list: 'List' };

/** Shows more surfaces at once, with the same filter. The browser remembers the choice. */
export function DensityLinks({ query }: { query: GridQuery }): JSX.Element {
  return (
    <nav class="densities" aria-label="View">
      <ul>
        {DENSITIES.map((density) => (
          <li key={density}>
            <a href={hrefOf({ ...query, density })} aria-current={density === query.density ? 'true' : undefined}>
              {LABELS[density]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function hrefOf({ sort, ...query }: GridQuery): string {
  const fields = Object.entries({ ...query, ...(sort === 'worst' ? {} : { sort }) }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return `/console/status?${new URLSearchParams(fields)}`;
}
