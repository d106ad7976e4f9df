import type { Message } from '../../src/actors/messages.ts';
import { alertKeyOf, type EmissionPolicy, fromSender } from '../../src/alerts/emission.ts';
import { createIdChurn, type IdChurn } from '../../src/alerts/idChurn.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';
import type { Breakage } from './breakage.ts';
import type { Calls } from './calls.ts';
import { createChurnTable } from './churnTable.ts';
import type { Clock } from './clock.ts';
import type { createJobs, Worker } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Tables } from './tables.ts';

/** The source that gives one alert a new id in each cycle. The ids of all others are never suspected. */
export const FLOOD = 'flood';
const CYCLE_MS = 25_000;
/** More than it takes to know that the ids change. */
const CYCLES = 10;
/** An emission that is taken later may look like a missing cycle, or like a repeated one. */
const LATE_MS = 1_500;

export const createProcessIdChurn = (
  owner: Worker,
  { tables, calls, clock, breakage }: { tables: Tables; calls: Calls; clock: Clock; breakage: Breakage },
): IdChurn => {
  const table = createChurnTable(tables, { calls, owner, now: clock.now });
  return createIdChurn((breakage.churn ?? ((store) => store))(table), async (source) => source !== FLOOD);
};

/** One lasting problem whose sender changes its id all the time. Emissions are taken as `src/alerts/aggregator.ts` does. */
export function createFlood(deps: {
  clock: Clock;
  tables: Tables;
  calls: Calls;
  ledger: Ledger;
  jobs: ReturnType<typeof createJobs>;
  idChurnOf: (worker: Worker) => IdChurn;
  policy: () => EmissionPolicy;
  deliver: (messages: Message[]) => unknown;
}) {
  const { clock, tables, calls, jobs, ledger, idChurnOf, policy, deliver } = deps;
  const { flood } = ledger;
  const ids: string[] = [];

  function take(alerts: EmissionInput[], onRun: () => void, onTaken: () => void): void {
    jobs.add(async (worker) => {
      onRun();
      const resolved = await idChurnOf(worker).resolveIds(FLOOD, alerts);
      await calls.write(worker, () => {
        for (const { alert_id } of resolved.alerts) tables.sightings.set(alertKeyOf(FLOOD, alert_id), clock.now());
        const messages = resolved.alerts.map((alert) => fromSender(FLOOD, alert, null, policy()));
        deliver([...messages, ...resolved.extraMessages]);
      });
      await resolved.afterDelivery();
      onTaken();
    }, 0);
  }

  const emission = (alert_id: string, status: EmissionInput['status']): EmissionInput => ({
    ...{ alert_id, severity: 'P1', status, title: 'The queue is long' },
  });

  function emit(): void {
    if (!flood.on || ids.length === CYCLES) return;
    const id = `${String(ids.length + 1).padStart(16, '0')}`;
    ids.push(id);
    const at = clock.now();
    let runs = 0;
    flood.waiting.add(at);
    take(
      [emission(id, 'firing')],
      () => {
        runs += 1;
        if (runs > 1) flood.even = false;
      },
      () => flood.waiting.delete(at),
    );
    clock.in(CYCLE_MS, null, emit);
  }

  return {
    /** It begins once in a schedule. */
    begin(): void {
      if (ids.length > 0) return;
      flood.on = true;
      emit();
    },
    /** The sender falls silent. Unless its ids are known to change by then, each of them may be an alert of its own. */
    end(): void {
      flood.on = false;
      if (tables.churnGroups.size === 0) flood.even = false;
    },
    resolve(): void {
      flood.on = false;
      if (ids.length > 0)
        take(
          ids.map((id) => emission(id, 'resolved')),
          noop,
          noop,
        );
    },
    /** Called after every step. */
    watch(): void {
      for (const at of flood.waiting) if (clock.now() - at > LATE_MS) flood.even = false;
    },
  };
}

const noop = () => undefined;
