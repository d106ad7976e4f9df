import type { AlertContext } from '../../machines/alert/types.ts';

interface Episode {
  number: number;
  /** It began so soon after the one before that it continues the ticket of that one. */
  soon: boolean;
  endedAt: number | null;
}

/** When the episodes of each alert began and ended, as seen from outside of its machine. */
export function createEpisodeLog() {
  const logs = new Map<string, Episode[]>();

  return {
    /** Called for each change of an alert. `withinMs`: how soon an episode has to begin to continue a ticket; 0 if none does. */
    record(actorId: string, { episode, active }: AlertContext, now: number, withinMs: number): void {
      const log = logs.get(actorId) ?? [];
      logs.set(actorId, log);
      const last = log.at(-1);
      if (episode > (last?.number ?? 0)) {
        const pauseMs = last?.endedAt == null ? Number.POSITIVE_INFINITY : now - last.endedAt;
        log.push({ number: episode, soon: pauseMs < withinMs, endedAt: null });
      }
      const current = log.at(-1);
      if (current) current.endedAt = active ? null : (current.endedAt ?? now);
    },
    /** The earlier episodes whose ticket this one continues. */
    before(actorId: string, episode: number): number[] {
      const log = logs.get(actorId) ?? [];
      const earlier: number[] = [];
      for (let at = log.findIndex(({ number }) => number === episode); log[at]?.soon && at > 0; at -= 1)
        earlier.push((log[at - 1] as Episode).number);
      return earlier;
    },
  };
}

export type EpisodeLog = ReturnType<typeof createEpisodeLog>;
