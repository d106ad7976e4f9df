import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from './drillDefinition.ts';
import type { DrillEnvironment } from './drillEnvironment.ts';
import { expectEqual, until } from './expectations.ts';

const SURFACE = 'flood-api';
const LIMIT = 5;
const IDS = 40;
const CYCLES = 9;
const MAX_CYCLES = 60;
const CYCLE_MS = 2_600;
const FLAG = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';

/** Failure mode 1: tickets flood the operations mailbox. */
export const flood: Drill = {
  name: 'flood',
  surfaceIds: [SURFACE],
  settings: { STORM_MAX_TICKETS: String(LIMIT) },
  async run(environment, report) {
    await Promise.all([steadyAlert(environment, report), unstableSender(environment, report)]);
    await floodingSender(environment, report);
    await flagOff(environment, report);
  },
};

type Report = (line: string) => void;

/** One alert, emitted in every cycle, with a restart in between. */
async function steadyAlert(environment: DrillEnvironment, report: Report): Promise<void> {
  environment.services.control.set(SURFACE, 'down');
  const tags = ['auto:alert', 'auto:alert:status_poller'];
  await until('a ticket for the surface that is down', () => environment.tickets(...tags).length > 0);
  await until('a direct message for that surface', () =>
    environment.openings().some((text) => text.includes(SURFACE.toUpperCase())),
  );
  await environment.moreChecks(SURFACE, 3);
  await environment.restart();
  await environment.moreChecks(SURFACE, 3);
  expectEqual('tickets for one lasting alert', environment.tickets(...tags).length, 1);
  expectEqual(
    'audit rows for one lasting alert',
    await environment.audited('console.alerts.ticket_filed', {}, 'status_poller'),
    1,
  );
  const mine = environment.openings().filter((text) => text.includes(SURFACE.toUpperCase()));
  expectEqual('opening direct messages', mine.length, 1);
  report('one alert, emitted in every cycle and across a restart: one ticket, one audit row, one direct message');
}

/** The runbook's non-deterministic alert_id: the same alert with a new id in every cycle. */
async function unstableSender(environment: DrillEnvironment, report: Report): Promise<void> {
  const source = 'unstable-sender';
  const tickets = () => environment.tickets(`auto:alert:${source}`);
  const title = 'The queue is stuck';
  const isKnown = () => environment.audited('console.alerts.unstable_ids');
  let ids = 0;
  // A busy machine delays emissions, and then it takes more of them until the ids count as changing.
  while (ids < CYCLES || (ids < MAX_CYCLES && !(await isKnown()))) {
    const alert_id = `again-${ids++}`;
    await until('the emission is accepted', async () => {
      // The program may be restarting; a sender retries.
      const answer = await environment.emit(source, [{ ...alert(alert_id), title }]).catch(() => null);
      return answer?.status === 202;
    });
    await sleep(CYCLE_MS);
  }
  await until('a ticket for the alert with changing ids', () => tickets().length > 0);
  await until('an audit row for the unstable ids', isKnown);
  expectEqual(`tickets for one alert with ${ids} ids`, tickets().length, 1);
  expectEqual('audit rows for the unstable ids', await isKnown(), 1);
  expectEqual('umbrella tickets', await environment.audited('console.alerts.umbrella_filed'), 0);
  const { status } = await environment.emit(source, [{ ...alert('again-last'), title, status: 'resolved' }]);
  expectEqual('the response to the resolution', status, 202);
  report(
    `one alert with ${ids} different ids, one per cycle, across a restart: one ticket, and the audit log names its sender`,
  );
}

/** One source that sends many different alerts. */
async function floodingSender(environment: DrillEnvironment, report: Report): Promise<void> {
  const source = 'flooding-sender';
  const filed = () => environment.audited('console.alerts.ticket_filed');
  const skipped = () => environment.audited('console.alerts.ticket_skipped', { reason: 'storm' });
  const before = await filed();
  const cycle = async (from: number, to: number) => {
    for (let n = from; n < to; n += 10)
      await environment.emit(
        source,
        Array.from({ length: 10 }, (_, i) => alert(`cycle-${n + i}`)),
      );
  };

  await cycle(0, IDS);
  await until('the alerts beyond the limit are audited as skipped', async () => (await skipped()) === IDS - LIMIT);
  await until('an umbrella ticket', () => environment.audited('console.alerts.umbrella_filed'));
  await cycle(IDS, IDS + 10);
  await until('the later alerts are audited as skipped too', async () => (await skipped()) === IDS + 10 - LIMIT);
  await until('the tickets below the limit', async () => (await filed()) - before >= LIMIT);
  expectEqual(`tickets for a source with ${IDS + 10} alerts`, (await filed()) - before, LIMIT);
  expectEqual('umbrella tickets', await environment.audited('console.alerts.umbrella_filed'), 1);
  await until('the tickets are tagged', () => environment.tickets(`auto:alert:${source}`).length === LIMIT + 1);
  await until('one message lists the other alerts', () =>
    environment.openings().some((text) => text.includes('more alerts')),
  );
  report(
    `a source with ${IDS + 10} different alerts: ${LIMIT} tickets and one umbrella ticket; one message lists the rest`,
  );
}

async function flagOff(environment: DrillEnvironment, report: Report): Promise<void> {
  const source = 'steady-sender';
  const skipped = () => environment.audited('console.alerts.ticket_skipped', { reason: 'flag_off' });
  expectEqual(
    'the response to switching the flag off',
    (await environment.ask('POST', `/console/flags/${FLAG}`, { enabled: false })).status,
    200,
  );
  const before = environment.ticketCount();
  await environment.emit(source, [alert('off-1'), alert('off-2')]);
  await until('both are skipped because of the flag', async () => (await skipped()) === 2);
  expectEqual('tickets filed after the flag was switched off', environment.ticketCount() - before, 0);
  report('flag off: no more tickets are filed');

  await environment.ask('POST', `/console/flags/${FLAG}`, { enabled: true });
  await until('their tickets', () => environment.tickets(`auto:alert:${source}`).length >= 2);
  expectEqual('tickets filed after the flag was switched on', environment.ticketCount() - before, 2);
  report('flag on again: the alerts that are still active get their tickets, although their sender is silent');
}

const alert = (alert_id: string) => ({ alert_id, severity: 'P1', status: 'firing', title: `Drill ${alert_id}` });
