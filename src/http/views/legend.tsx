import type { JSX } from 'preact';

const KINDS = ['operational', 'degraded', 'down', 'maintenance', 'no-data'];

/** Explains the small charts on the tiles. */
export function Legend(): JSX.Element {
  return (
    <details class="legend" id="legend">
      <summary>What the bars and lines mean</summary>
      <p>
        Each bar is one day (UTC) and shows the worst status of that day; there are 90, with today on the right. The
        line is the latency of the last 30 checks, starting at zero; a tall stroke is a check without a response. The
        percentage is the share of checks at which the surface was not down. Maintenance does not count.
      </p>
      <ul class="kinds">
        {KINDS.map((kind) => (
          <li key={kind}>
            <svg class="bars" viewBox="0 0 12 20" width="12" height="20" aria-hidden="true" focusable="false">
              <path class={kind} d={`M0 ${kind === 'degraded' ? 8 : 10}h11`} />
            </svg>
            {kind.replace('-', ' ')}
          </li>
        ))}
      </ul>
    </details>
  );
}
