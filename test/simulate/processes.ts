import type { EffectHandlers } from '../../src/actors/effectRunner.ts';
import { createAdmission } from '../../src/alerts/admission.ts';
import { NOT_SUPPRESSED } from '../../src/alerts/emission.ts';
import { createEffectHandlers } from '../../src/app/effectHandlers.ts';
import type { SteadyClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/log/log.ts';
import { createDms } from '../../src/notify/dms.ts';
import { createFilingProtocol } from '../../src/tickets/filing.ts';
import type { HelpDesk } from '../../src/tickets/port.ts';
import type { Breakage } from './breaks.ts';
import type { Calls } from './calls.ts';
import type { Clock, Owner } from './clock.ts';
import { createDmTable } from './dmTable.ts';
import { createFilingTable } from './filingTable.ts';
import type { Desk } from './freescout.ts';
import type { Worker } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Slack } from './slack.ts';
import { type FilingRow, type Tables, takePlace } from './tables.ts';

export interface ProcessDeps {
  clock: Clock;
  tables: Tables;
  calls: Calls;
  freescout: Desk;
  slack: Slack;
  ledger: Ledger;
  breakage: Breakage;
  isWanted: (row: FilingRow) => boolean;
  deskFails: () => boolean;
}

const MINUTE_MS = 60_000;
const SETTINGS = { timeoutMs: 10_000, inDoubtSeconds: 120 };
const SILENT_AFTER_MS = 60 * MINUTE_MS;
/** Small, so that three alerts are a storm. */
const STORM = { max: 2, windowMs: 10 * MINUTE_MS };
const CONSOLE = 'https://console.example.com';
const log = createLog({ level: 'silent' });

/** What one process brings along for its effects: the program's own filing, admission and messages, on modelled adapters. */
export function createProcess(worker: Worker, deps: ProcessDeps): EffectHandlers {
  const { clock, tables, calls, slack, breakage } = deps;
  const { now } = clock;
  const time = timeOf(clock, worker);
  const freescout = (breakage.freescout ?? same)(watched(deps.freescout.adapter(worker), deps));
  const isHelpdeskFailing = () => calls.read(worker, deps.deskFails);

  const store = createFilingTable(tables, {
    calls,
    owner: worker,
    now,
    onBegun: (row) => deps.ledger.begun.set(row.id, { at: now(), wanted: deps.isWanted(row) }),
  });

  const filing = createFilingProtocol({
    store: (breakage.store ?? same)(store, tables),
    desk: freescout,
    isHelpdeskFailing,
    admission: createAdmission({
      lastSeen: {
        isSilent: (key) => calls.read(worker, () => (tables.sightings.get(key) ?? now()) < now() - SILENT_AFTER_MS),
      },
      isAutoTicketOn: () => calls.read(worker, () => tables.flag.at(-1)?.on === true),
      idChurn: { isSuspect: async () => false },
      suppressionNow: async () => NOT_SUPPRESSED,
      isHelpdeskFailing,
      takeSlot: (id, source) => place(tables.filings, id, (other) => tables.filings.get(other)?.source === source),
    }),
    settings: breakage.settings ?? SETTINGS,
    consoleUrl: CONSOLE,
    log,
    time,
  });

  const handlers = createEffectHandlers({
    filing,
    desk: freescout,
    inDoubtSeconds: SETTINGS.inDoubtSeconds,
    log,
    onUmbrella: async () => 0,
    dms: {
      send: (request, signal) =>
        createDms({
          store: createDmTable(tables, { calls, owner: worker, now }),
          messenger: (breakage.messenger ?? same)(slack.adapter(worker, request)),
          consoleUrl: CONSOLE,
          admit: (id, source) =>
            place(tables.messages, id, (other) => tables.messages.get(other)?.request.source === source),
          time,
        }).send(request, signal),
    },
  });
  return (breakage.handlers ?? same)(handlers);

  function place(
    rows: Map<string, { admittedAt: number | null }>,
    id: string,
    isOfSource: (id: string) => boolean,
  ): Promise<boolean> {
    return calls.write(worker, () => takePlace(rows, id, { now: now(), ...STORM, isOfSource }));
  }
}

/** Notes every request for a ticket in the moment in which it leaves. */
function watched(freescout: HelpDesk, { clock, tables, ledger }: ProcessDeps): HelpDesk {
  return {
    ...freescout,
    create(ticket, options) {
      const filing = [...tables.filings.values()].find(({ marker }) => ticket.subject.includes(marker));
      const begun = filing && ledger.begun.get(filing.id);
      if (filing) {
        const { at: begunAt = 0, wanted = false } = begun ?? {};
        ledger.sends.push({ filingId: filing.id, at: clock.now(), begunAt, wanted });
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

const same = <T>(part: T): T => part;
