import type { Create } from './ledger.ts';

/** Lets senders and operators wait for tickets. */
export interface Tickets {
  /** To be called for each created ticket. */
  created(create: Create): void;
  /** Resolves when a ticket was created for the incident after the instant. */
  of(incident: number, since: number): Promise<void>;
  /** Calls back once, with the next created ticket. */
  next(callback: (create: Create) => void): void;
}

/** The incident's number is in the title of every alert of a run. */
const incidentOf = (subject: string): number | null => {
  const found = /Fault (\d+)\//.exec(subject)?.[1];
  return found === undefined ? null : Number(found);
};

export function createTickets(): Tickets {
  const last = new Map<number, number>();
  const waiting = new Map<number, { since: number; resolve: () => void }[]>();
  const next: ((create: Create) => void)[] = [];
  return {
    created(create) {
      for (const callback of next.splice(0)) callback(create);
      const incident = incidentOf(create.subject);
      if (incident === null) return;
      last.set(incident, create.effectAt);
      for (const { resolve } of waiting.get(incident) ?? []) resolve();
      waiting.delete(incident);
    },
    of(incident, since) {
      if ((last.get(incident) ?? 0) >= since) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.set(incident, [...(waiting.get(incident) ?? []), { since, resolve }]);
      });
    },
    next: (callback) => void next.push(callback),
  };
}
