import type { DmRequest } from '../../machines/shared/protocol.ts';
import type { EffectHandlers } from '../../src/actors/effectRunner.ts';
import type { Message } from '../../src/actors/messages.ts';
import { createAdmission } from '../../src/alerts/admission.ts';
import type { StormSlots } from '../../src/alerts/stormSlots.ts';
import { createEffectHandlers } from '../../src/app/effectHandlers.ts';
import { toItsActor } from '../../src/app/messages.ts';
import type { SteadyClock } from '../../src/lib/clock.ts';
import { createPlaces } from '../../src/lib/places.ts';
import { createLog } from '../../src/log/log.ts';
import { createDms, type Dms } from '../../src/notify/dms.ts';
import { createHandOver } from '../../src/notify/handOver.ts';
import { createFilingProtocol } from '../../src/tickets/filing.ts';
import { createNotes } from '../../src/tickets/notes.ts';
import type { HelpDesk } from '../../src/tickets/port.ts';
import type { Breakage } from './breakage.ts';
import type { Calls } from './calls.ts';
import { isSuspectKey } from './churnTable.ts';
import type { Clock, Owner } from './clock.ts';
import { createCopyTable } from './copyTable.ts';
import { createDmTable } from './dmTable.ts';
import { createFilingTable } from './filingTable.ts';
import type { FreeScout } from './freescout.ts';
import type { Holds } from './holds.ts';
import type { Worker } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import { createNoteTable } from './noteTable.ts';
import type { Slack } from './slack.ts';
import { type FilingRow, type Tables, takeSlot } from './tables.ts';

export interface ProcessDeps {
  clock: Clock;
  tables: Tables;
  calls: Calls;
  freescout: FreeScout;
  slack: Slack;
  ledger: Ledger;
  holds: Holds;
  breakage: Breakage;
  isWanted: (row: FilingRow) => boolean;
  isHelpdeskFailing: () => boolean;
  awaitsSuccess: () => boolean;
  deliver: (messages: Message[]) => void;
}

const MINUTE_MS = 60_000;
export const SETTINGS = { timeoutMs: 10_000, inDoubtSeconds: 120 };
const SILENT_AFTER_MS = 60 * MINUTE_MS;
/** Small, so that three alerts are a storm. */
const STORM = { max: 2, windowMs: 10 * MINUTE_MS };
/** From reading what suppresses a ticket until its attempt is committed. */
const DECIDED_WITHIN_MS = 10_000;
/** The others go to the default recipient. */
const RULES = { notify: [{ to: ['C1'], severities: ['P1' as const] }], escalation: [{ afterMinutes: 15, to: ['U2'] }] };
const CONSOLE = 'https://console.example.com';
const MANY = createPlaces(Number.POSITIVE_INFINITY);
const log = createLog({ level: 'silent' });

/** The effect handlers of one process: the program's own filing, admission and messages, with modelled FreeScout and Slack. */
export function createProcess(worker: Worker, deps: ProcessDeps): EffectHandlers {
  const { clock, tables, calls, slack, breakage } = deps;
  const { now } = clock;
  const time = timeOf(clock, worker);
  const freescout = (breakage.freescout ?? unchanged)(recordSends(deps.freescout.adapter(worker), deps));

  const isSuspect = breakage.isSuspect ?? ((key: string) => isSuspectKey(tables, key, now()));

  const store = createFilingTable(tables, {
    calls,
    owner: worker,
    now,
    onBegun: (row) =>
      deps.ledger.begun.set(row.id, { at: now(), wanted: deps.isWanted(row), heldMs: heldMs(row, worker, deps) }),
  });

  const filing = createFilingProtocol({
    store: (breakage.store ?? unchanged)(store, tables),
    desk: freescout,
    awaitsSuccess: () => calls.read(worker, deps.awaitsSuccess),
    admission: (breakage.admission ?? unchanged)(
      createAdmission({
        facts: (keys) =>
          calls.read(worker, () => ({
            autoTicket: tables.flag.at(-1)?.on === true,
            helpdeskFails: deps.isHelpdeskFailing(),
            silences: deps.holds.silences(),
            silent: new Set(keys.filter((key) => (tables.sightings.get(key) ?? now()) < now() - SILENT_AFTER_MS)),
            suspect: new Set(keys.filter(isSuspect)),
          })),
        suppressionNow: () => calls.read(worker, () => ({ of: (_source, surfaceId) => deps.holds.of(surfaceId) })),
        takeSlots: (source, ids) =>
          takeSlotsOf(tables.filings, ids, (other) => tables.filings.get(other)?.source === source, isWithdrawn),
      }),
    ),
    settings: breakage.settings ?? SETTINGS,
    consoleUrl: CONSOLE,
    log,
    time,
  });

  const handlers = createEffectHandlers({
    filing,
    desk: freescout,
    notes: createNotes({
      store: createNoteTable(tables, { calls, owner: worker, now }),
      desk: freescout,
      settings: SETTINGS,
      onUmbrella: async () => 0,
      places: MANY,
      time,
    }),
    places: { updates: MANY, dms: MANY },
    log,
    dms: {
      send: (request, signal) => dmsFor(request).send(request, signal),
      decide: async (requests) => (requests[0] ? dmsFor(requests[0]).decide(requests) : new Map()),
    },
  });
  return (breakage.handlers ?? unchanged)(handlers);

  /** Slack's adapter shows its faults for one request. */
  function dmsFor(request: DmRequest): Dms {
    return createDms({
      store: createDmTable(tables, { calls, owner: worker, now }),
      messenger: (breakage.messenger ?? unchanged)(slack.adapter(worker, request)),
      consoleUrl: CONSOLE,
      admit: (source, ids) =>
        takeSlotsOf(tables.messages, ids, (other) => tables.messages.get(other)?.request.source === source),
      handOver: createHandOver({
        store: createCopyTable(tables, { calls, owner: worker, now }),
        rules: async () => RULES,
        defaultUserId: 'U1',
        deliver: (copies) => calls.write(worker, () => deps.deliver(copies.map(toItsActor))),
      }),
      log,
      time,
    });
  }

  function takeSlotsOf(
    rows: Map<string, { admittedAt: number | null }>,
    ids: readonly string[],
    isOfSource: (id: string) => boolean,
    isLeftOut: (id: string) => boolean = () => false,
  ): Promise<StormSlots> {
    return calls.write(worker, () => {
      const held = new Set(ids.filter(isLeftOut));
      const asking = ids.filter((id) => !held.has(id));
      return { taken: new Set(asking.filter((id) => takeSlot(rows, id, { now: now(), ...STORM, isOfSource }))), held };
    });
  }

  /** It takes no slot. The function in the database leaves it out of its answer. */
  function isWithdrawn(id: string): boolean {
    const row = tables.filings.get(id);
    return row?.withdrawn === true && row.admittedAt === null;
  }
}

/** For how long a ticket was suppressed when its attempt began. Unknown after a sleep: what it read before may be old. */
function heldMs({ request }: FilingRow, worker: Worker, { clock, holds }: ProcessDeps): number {
  if (request.path === 'investigate' || worker.asleepUntil > clock.now() - DECIDED_WITHIN_MS) return 0;
  return holds.heldMs(request.path === 'alert' ? request.surfaceId : null);
}

/** Records every request for a ticket when it is sent. */
function recordSends(freescout: HelpDesk, { clock, tables, ledger }: ProcessDeps): HelpDesk {
  return {
    ...freescout,
    create(ticket, options) {
      const filing = [...tables.filings.values()].find(({ marker }) => ticket.subject.includes(marker));
      const begun = filing && ledger.begun.get(filing.id);
      if (filing) {
        const { at: begunAt = 0, wanted = false, heldMs: held = 0 } = begun ?? {};
        ledger.sends.push({ filingId: filing.id, at: clock.now(), begunAt, wanted, heldMs: held });
      }
      return freescout.create(ticket, options);
    },
  };
}

const timeOf = (clock: Clock, owner: Owner): SteadyClock => ({
  now: clock.now,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      clock.wake(ms, owner, resolve);
      signal.addEventListener('abort', () => clock.wake(0, owner, resolve), { once: true });
    }),
});

const unchanged = <T>(part: T): T => part;
