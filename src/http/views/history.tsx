import type { JSX } from 'preact';
import { statePaths } from '../../lib/statePaths.ts';
import type { HistoryEntry } from '../../model/actors.ts';
import { Empty } from './elements.tsx';
import { TimestampWithAge } from './time.tsx';

interface HistoryProps {
  history: readonly HistoryEntry[];
  /** Shows the names of the events and of the states that each left and entered, too. */
  isTechnical?: boolean;
}

/** What happened to an actor, newest first. */
export function HistoryList({ history, isTechnical = false }: HistoryProps): JSX.Element {
  if (history.length === 0) return <Empty title="No events yet." />;
  return (
    <ol class="timeline history">
      {history.map((entry) => (
        <li key={`${entry.at} ${entry.event} ${entry.event_id ?? ''}`}>
          <TimestampWithAge at={entry.at} />
          {isTechnical ? (
            <div>
              <p>{entry.summary}</p>
              <p class="technical">
                <code class="event">{entry.event}</code> <Change entry={entry} />
              </p>
            </div>
          ) : (
            <p title={entry.event}>{entry.summary}</p>
          )}
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
