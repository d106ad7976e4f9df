import type { Create } from './ledger.ts';

/** Tells those who wait that a ticket was made. */
export interface Tickets {
  made(create: Create): void;
  /** Resolves once a ticket was made for the incident after the instant. */
  of(incident: number, since: number): Promise<void>;
  /** Calls back once with the next ticket of ours that is made. */
  next(heard: (create: Create) => void): void;
}

/** The number stands in each title that a run sends. */
const incidentOf = (subject: string): number | null => {
  const found = /Fault (\d+)\//.exec(subject)?.[1];
  return found === undefined ? null : Number(found);
};

export function createTickets(): Tickets {
  const last = new Map<number, number>();
  const waiting = new Map<number, { since: number; tell: () => void }[]>();
  const next: ((create: Create) => void)[] = [];
  return {
    made(create) {
      for (const heard of next.splice(0)) heard(create);
      const incident = incidentOf(create.subject);
      if (incident === null) return;
      last.set(incident, create.effectAt);
      for (const { tell } of waiting.get(incident) ?? []) tell();
      waiting.delete(incident);
    },
    of(incident, since) {
      if ((last.get(incident) ?? 0) >= since) return Promise.resolve();
      return new Promise((tell) => {
        waiting.set(incident, [...(waiting.get(incident) ?? []), { since, tell }]);
      });
    },
    next: (heard) => void next.push(heard),
  };
}
