import type { JSX } from 'preact';
import type { HistoryEntry } from '../services.ts';
import { Empty } from './parts.tsx';
import { When } from './time.tsx';

/** What happened to an actor, newest first: the event, and what it changed. */
export function HistoryList({ history }: { history: readonly HistoryEntry[] }): JSX.Element {
  if (history.length === 0) return <Empty title="Nothing has happened yet." />;
  return (
    <ol class="timeline">
      {history.map((entry) => (
        <li key={`${entry.at} ${entry.event} ${entry.event_id ?? ''}`}>
          <When at={entry.at} />
          <code class="event">{entry.event}</code>
          <Change from={stateText(entry.from)} to={stateText(entry.to)} />
        </li>
      ))}
    </ol>
  );
}

function Change({ from, to }: { from: string; to: string }): JSX.Element {
  if (from === to) return <span class="change quiet">{to}</span>;
  return (
    <span class="change">
      <span class="quiet">{from}</span> <span aria-hidden="true">→</span>
      <span class="sr-only">becomes</span> {to}
    </span>
  );
}

/** A state value in words: `health.down, investigation.idle`. */
export function stateText(state: unknown): string {
  if (state === null || state === undefined) return 'none';
  if (typeof state !== 'object') return String(state);
  return Object.entries(state)
    .map(([region, inner]) => (isLeaf(inner) ? region : `${region}.${stateText(inner)}`))
    .join(', ');
}

const isLeaf = (inner: unknown) =>
  inner === undefined || inner === null || (typeof inner === 'object' && Object.keys(inner).length === 0);
