import type { JSX } from 'preact';
import { useViewer } from './viewerContext.ts';

/** `2026-05-05 14:32:17 UTC`; what is no instant stays as it is. */
export function utc(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const STEPS: [unit: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** `12 min`, `3 h 5 min`, `2 d 4 h`: two units at most, the way people say it. */
export function duration(ms: number): string {
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

export function relative(at: string, now: Date): string {
  const ms = now.getTime() - new Date(at).getTime();
  if (Number.isNaN(ms)) return at;
  if (Math.abs(ms) < 1_000) return 'just now';
  return ms < 0 ? `in ${duration(-ms)}` : `${duration(ms)} ago`;
}

/** The full instant. */
export function At({ at }: { at: string }): JSX.Element {
  return (
    <time class="at" datetime={at}>
      {utc(at)}
    </time>
  );
}

/** How long ago (or how long still), kept current by our script; the full instant on demand. */
export function Ago({ at }: { at: string }): JSX.Element {
  const { now } = useViewer();
  return (
    <time datetime={at} title={utc(at)} data-relative="ago">
      {relative(at, now)}
    </time>
  );
}

/** How long it has lasted, kept current by our script: `12 min`. */
export function For({ since }: { since: string }): JSX.Element {
  const { now } = useViewer();
  return (
    <time datetime={since} title={utc(since)} data-relative="for">
      {duration(now.getTime() - new Date(since).getTime())}
    </time>
  );
}

/** Both, for tables: the instant first, since log lines are searched by it. */
export function When({ at }: { at: string }): JSX.Element {
  return (
    <span class="when">
      <At at={at} />{' '}
      <span class="quiet">
        <Ago at={at} />
      </span>
    </span>
  );
}

export const latency = (ms: number) => (ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
