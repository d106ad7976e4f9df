import type { JSX } from 'preact';
import { Tag } from './badges.tsx';
import { formatDuration, TimestampWithAge } from './time.tsx';
import { useViewer } from './viewerContext.ts';

/** A time in which something lasted: an outage, or an alert. */
interface Period {
  /** Null if the stored history begins later. */
  began_at: string | null;
  /** Null while it lasts. */
  ended_at: string | null;
}

/** Tells the periods of one list apart. */
export const periodId = ({ began_at, ended_at }: Period): string => began_at ?? ended_at ?? 'first';

export function Began({ period: { began_at } }: { period: Period }): JSX.Element {
  return <>{began_at === null ? 'before the stored history' : <TimestampWithAge at={began_at} />}</>;
}

/** `unknown` stands for a duration whose beginning is not known. */
export function Lasted({ period, unknown }: { period: Period; unknown?: string }): JSX.Element {
  const { now } = useViewer();
  const { began_at, ended_at } = period;
  const ms = began_at === null ? null : new Date(ended_at ?? now).getTime() - new Date(began_at).getTime();
  return (
    <>
      {ms === null ? unknown : formatDuration(ms)} {ended_at === null ? <Tag tone="bad">ongoing</Tag> : null}
    </>
  );
}
