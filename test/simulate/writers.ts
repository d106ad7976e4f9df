import type { Message } from '../../src/actors/messages.ts';
import type { Clock } from './clock.ts';
import type { Writers } from './delivery.ts';
import * as filings from './filingTable.ts';
import type { Worker } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Tables } from './tables.ts';

const LATE_MS = 30_000;

/** The writers of machine actions, with tables in memory. `isLate`: one process writes the audit rows some time later, if it still runs. */
export function createWriters(deps: {
  tables: Tables;
  clock: Clock;
  workers: readonly Worker[];
  ledger: Ledger;
  send: (messages: Message[]) => void;
  isLate: boolean;
  /** False: suppressions are not recorded. */
  records: boolean;
}): Writers {
  const { tables, clock, workers, ledger, send, isLate, records } = deps;
  const { now } = clock;

  return {
    audit(entries) {
      const write = () => void tables.audits.push(...entries);
      if (isLate) clock.in(LATE_MS, workers[0] ?? null, write);
      else write();
    },
    intend(intents, actorId) {
      for (const intent of intents) {
        filings.intend(tables, intent, actorId, now());
        ledger.intents.set(intent.filingId, { at: now(), actorId, audits: tables.audits.length });
      }
    },
    withdraw: (ids) => filings.withdraw(tables, ids),
    hold(suppressions) {
      if (!records) return;
      for (const { alertKey, episode, over } of suppressions) tables.held.set(`${alertKey} ${episode}`, over === null);
    },
    adopt: (adoptions) => filings.adopt(tables, adoptions),
    answer(answers) {
      for (const { clickId, body } of answers) {
        if (!tables.answers.has(clickId)) tables.answers.set(clickId, body);
        ledger.clicks.get(clickId)?.answers.push({ at: now(), body });
      }
    },
    tell(tells, actorId, id) {
      if (actorId === 'helpdesk') {
        for (const { to, event } of tells)
          if (event.type === 'TRY' && event.probe === true) ledger.turns.set(to, now());
      }
      // It gave its turn back, which took no call.
      if (tells.some(({ event }) => event.type === 'LEFT') && ledger.probes.at(-1)?.to === actorId) ledger.probes.pop();
      const messages = tells.map(({ to, event }, n) => ({ to, event, eventId: `tell:${id}:${n}` }));
      if (messages.length > 0) send(messages);
    },
  };
}
