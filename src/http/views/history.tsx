import type { JSX } from 'preact';
import type { HistoryEntry } from '../../model/actors.ts';
import { Empty } from './elements.tsx';
import { TimestampWithAge } from './time.tsx';

/** The events of an actor, newest first, with the states that each left and entered. */
export function HistoryList({ history }: { history: readonly HistoryEntry[] }): JSX.Element {
  if (history.length === 0) return <Empty title="No events yet." />;
  return (
    <ol class="timeline">
      {history.map((entry) => (
        <li key={`${entry.at} ${entry.event} ${entry.event_id ?? ''}`}>
          <TimestampWithAge at={entry.at} />
          <code class="event">{entry.event}</code>
          <Change entry={entry} />
        </li>
      ))}
    </ol>
  );
}

/** Shows only the states that changed: one event usually changes one region of a parallel machine. */
function Change({ entry }: { entry: HistoryEntry }): JSX.Element {
  const before = statePaths(entry.from);
  const after = statePaths(entry.to);
  const left = before.filter((path) => !after.includes(path));
  const entered = after.filter((path) => !before.includes(path));
  if (left.length + entered.length === 0) return <span class="change quiet">no state change</span>;
  return (
    <span class="change">
      <span class="quiet">{left.join(', ') || 'none'}</span> <span aria-hidden="true">→</span>
      <span class="sr-only">becomes</span> {entered.join(', ') || 'none'}
    </span>
  );
}

/** A state value as text: `health.outage.down, investigation.idle`. */
export function stateText(state: unknown): string {
  return statePaths(state).join(', ') || 'none';
}

/** The paths of the innermost states of a state value. */
function statePaths(state: unknown): string[] {
  if (state === null || state === undefined) return [];
  if (typeof state !== 'object') return [String(state)];
  return Object.entries(state).flatMap(([region, inner]) => {
    const paths = statePaths(inner);
    return paths.length === 0 ? [region] : paths.map((path) => `${region}.${path}`);
  });
}
