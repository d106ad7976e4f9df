import type { ActorMessage, AuditEntry, ClickAnswer, Suppression } from '../../machines/shared/protocol.ts';
import type { Message } from '../../src/actors/messages.ts';
import type { NamedAction } from '../../src/actors/pendingWrites.ts';
import { type FilingWrites, filingWrites } from '../../src/app/filingWrites.ts';
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
  /** What is written instead for the actions that concern filings. */
  filingWrites: (writes: FilingWrites) => FilingWrites;
}): Writers {
  const { tables, clock, workers, ledger, send, isLate, records } = deps;
  const { now } = clock;

  function writeFilings(actions: readonly NamedAction[]): void {
    const { withdrawals, adoptions, intents } = deps.filingWrites(filingWrites(actions));
    filings.withdraw(tables, withdrawals);
    filings.adopt(tables, adoptions);
    for (const intent of intents) {
      const { filingId, actorId } = intent;
      filings.intend(tables, intent, now());
      ledger.intents.set(filingId, { at: now(), actorId, audits: tables.audits.length });
    }
  }

  function tell({ id, actorId, params }: NamedAction): void {
    const tells = params as ActorMessage[];
    if (actorId === 'helpdesk') {
      for (const { to, event } of tells) if (event.type === 'TRY' && event.probe === true) ledger.turns.set(to, now());
    }
    // It gave its turn back, which took no call.
    if (tells.some(({ event }) => event.type === 'LEFT') && ledger.probes.at(-1)?.to === actorId) ledger.probes.pop();
    const messages = tells.map(({ to, event }, n) => ({ to, event, eventId: `tell:${id}:${n}` }));
    if (messages.length > 0) send(messages);
  }

  return {
    audit(actions) {
      const entries = actions.flatMap(({ params }) => params as AuditEntry[]);
      const write = () => void tables.audits.push(...entries);
      if (isLate) clock.in(LATE_MS, workers[0] ?? null, write);
      else write();
    },
    intend: writeFilings,
    withdraw: writeFilings,
    adopt: writeFilings,
    hold(actions) {
      if (!records) return;
      const suppressions = actions.flatMap(({ params }) => params as Suppression[]);
      for (const { alertKey, episode, over } of suppressions) tables.held.set(`${alertKey} ${episode}`, over === null);
    },
    answer(actions) {
      for (const { clickId, body } of actions.flatMap(({ params }) => params as ClickAnswer[])) {
        if (!tables.answers.has(clickId)) tables.answers.set(clickId, body);
        ledger.clicks.get(clickId)?.answers.push({ at: now(), body });
      }
    },
    tell: (actions) => actions.forEach(tell),
    // Which alerts an umbrella ticket names is only counted for its last note.
    enlist: () => undefined,
  };
}
