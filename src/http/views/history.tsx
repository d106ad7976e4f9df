import type { JSX } from 'preact';
import type { HistoryEntry } from '../../model/actors.ts';
import { Empty } from './elements.tsx';
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
          <Change entry={entry} />
        </li>
      ))}
    </ol>
  );
}

/** Only what is different now: a machine of many regions mostly moves in one. */
function Change({ entry }: { entry: HistoryEntry }): JSX.Element {
  const before = parts(entry.from);
  const after = parts(entry.to);
  const left = before.filter((part) => !after.includes(part));
  const entered = after.filter((part) => !before.includes(part));
  if (left.length + entered.length === 0) return <span class="change quiet">stays as it is</span>;
  return (
    <span class="change">
      <span class="quiet">{left.join(', ') || 'nothing'}</span> <span aria-hidden="true">→</span>
      <span class="sr-only">becomes</span> {entered.join(', ') || 'nothing'}
    </span>
  );
}

/** A state value in words: `health.outage.down, investigation.idle`. */
export function stateText(state: unknown): string {
  return parts(state).join(', ') || 'none';
}

/** The innermost states that a state value names, each with its path. */
function parts(state: unknown): string[] {
  if (state === null || state === undefined) return [];
  if (typeof state !== 'object') return [String(state)];
  return Object.entries(state).flatMap(([region, inner]) => {
    const below = parts(inner);
    return below.length === 0 ? [region] : below.map((part) => `${region}.${part}`);
  });
}
