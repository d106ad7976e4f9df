import type { JSX } from 'preact';
import { useViewer } from './viewerContext.ts';

/** `2026-05-05 14:32:17 UTC`; text that is not a time is returned unchanged. */
export function formatUtc(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const STEPS: [unit: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** `12 min`, `3 h 5 min`, `2 d 4 h`: at most two units. */
export function formatDuration(ms: number): string {
  let left = Math.max(0, Math.round(ms / 1000));
  const first = STEPS.findIndex(([, seconds]) => left >= seconds);
  if (first < 0) return '0 s';
  const words: string[] = [];
  for (const [unit, seconds] of STEPS.slice(first, first + (first < 2 ? 2 : 1))) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count > 0) words.push(`${count} ${unit}`);
  }
  return words.join(' ');
}

export function formatRelative(at: string, now: Date): string {
  const ms = now.getTime() - new Date(at).getTime();
  if (Number.isNaN(ms)) return at;
  if (Math.abs(ms) < 1_000) return 'just now';
  return ms < 0 ? `in ${formatDuration(-ms)}` : `${formatDuration(ms)} ago`;
}

/** `ago`: from or to an instant, `for`: how long since then. */
export type PassingTime = 'ago' | 'for';

/** The text for a valid instant. It needs no escaping in HTML. */
export function passingText(kind: PassingTime, at: string, now: Date): string {
  return kind === 'ago' ? formatRelative(at, now) : formatDuration(now.getTime() - new Date(at).getTime());
}

/** The full time. */
export function Timestamp({ at }: { at: string }): JSX.Element {
  return (
    <time class="at" datetime={at}>
      {formatUtc(at)}
    </time>
  );
}

/** `12 min ago` or `in 12 min`, kept current by times.js; the tooltip has the full time. */
export function RelativeTime({ at }: { at: string }): JSX.Element {
  const { now } = useViewer();
  return (
    <time datetime={at} title={formatUtc(at)} data-relative="ago">
      {formatRelative(at, now)}
    </time>
  );
}

/** The time since `since`, kept current by times.js: `12 min`. */
export function Elapsed({ since }: { since: string }): JSX.Element {
  const { now } = useViewer();
  return (
    <time datetime={since} title={formatUtc(since)} data-relative="for">
      {formatDuration(now.getTime() - new Date(since).getTime())}
    </time>
  );
}

/** For tables. The full time comes first, because it is what one searches the log for. */
export function TimestampWithAge({ at }: { at: string }): JSX.Element {
  return (
    <span class="when">
      <Timestamp at={at} />{' '}
      <span class="quiet">
        <RelativeTime at={at} />
      </span>
    </span>
  );
}

export const formatLatency = (ms: number) => (ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
