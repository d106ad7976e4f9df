import type { Log } from '../log/log.ts';
import type { Delivered } from './messages.ts';

const EVERY_MS = 60_000;

/** Logs, at most once a minute, that events were left to a process of a newer release. */
export function createNewerReport(log: Log): (delivered: readonly Delivered[]) => void {
  let nextAt = 0;
  return (delivered) => {
    const left = delivered.filter(({ applied }) => applied === 'handed_back');
    if (left.length === 0 || performance.now() < nextAt) return;
    nextAt = performance.now() + EVERY_MS;
    log.warn(
      { events: left.length, actor_id: left[0]?.message.to },
      'an actor of a newer release waits for a process of that release',
    );
  };
}
