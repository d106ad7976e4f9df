import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from './drillDefinition.ts';
import type { DrillEnvironment } from './drillEnvironment.ts';
import { mustBe, until } from './expectations.ts';

const SURFACE = 'flood-api';
const LIMIT = 5;
const IDS = 40;
const CYCLES = 9;
const CYCLE_MS = 2_600;
const FLAG = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';

/** Failure mode 1: tickets flood the operations mailbox. */
export const flood: Drill = {
  name: 'flood',
  surfaceIds: [SURFACE],
  settings: { STORM_MAX_TICKETS: String(LIMIT) },
  async run(environment, say) {
    await Promise.all([steadyAlert(environment, say), unstableSender(environment, say)]);
    await floodingSender(environment, say);
    await flagOff(environment, say);
  },
};

type Say = (line: string) => void;

/** The same alert in every cycle, with a restart in the middle. */
async function steadyAlert(environment: DrillEnvironment, say: Say): Promise<void> {
  environment.services.control.set(SURFACE, 'down');
  const tags = ['auto:alert', 'auto:alert:status_poller'];
  await until('a ticket for the surface that is down', () => environment.tickets(...tags).length > 0);
  await until('its direct message', () => environment.openings().some((text) => text.includes(SURFACE.toUpperCase())));
  await environment.moreChecks(SURFACE, 3);
  await environment.restart();
  await environment.moreChecks(SURFACE, 3);
  mustBe('tickets for one lasting alert', environment.tickets(...tags).length, 1);
  mustBe(
    'audit rows for one lasting alert',
    await environment.audited('console.alerts.ticket_filed', {}, 'status_poller'),
    1,
  );
  const mine = environment.openings().filter((text) => text.includes(SURFACE.toUpperCase()));
  mustBe('direct messages that open it', mine.length, 1);
  say('one alert, emitted in every cycle and through a restart: one ticket, one audit row, one direct message');
}

/** What the runbook calls a non-deterministic alert_id: the same alert under a new one in every cycle. */
async function unstableSender(environment: DrillEnvironment, say: Say): Promise<void> {
  const source = 'unstable-sender';
  const tickets = () => environment.tickets(`auto:alert:${source}`);
  const title = 'The queue is stuck';
  for (let n = 0; n < CYCLES; n++) {
    await until('the emission is taken', async () => {
      // The program may be between two lives; a sender tries again.
      const answer = await environment.emit(source, [{ ...alert(`again-${n}`), title }]).catch(() => null);
      return answer?.status === 202;
    });
    await sleep(CYCLE_MS);
  }
  await until('its ticket', () => tickets().length > 0);
  await until('the audit row that names it', () => environment.audited('console.alerts.unstable_ids'));
  mustBe(`tickets of one alert under ${CYCLES} ids`, tickets().length, 1);
  mustBe('audit rows that name its sender', await environment.audited('console.alerts.unstable_ids'), 1);
  mustBe('umbrella tickets', await environment.audited('console.alerts.umbrella_filed'), 0);
  const { status } = await environment.emit(source, [{ ...alert('again-last'), title, status: 'resolved' }]);
  mustBe('the answer to its end', status, 202);
  say(`one alert under ${CYCLES} different ids, one a cycle, through a restart: one ticket, and its sender is named`);
}

/** A sender of many alerts, each another one. */
async function floodingSender(environment: DrillEnvironment, say: Say): Promise<void> {
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
  await until('the alerts beyond the limit are held back', async () => (await skipped()) === IDS - LIMIT);
  await until('an umbrella ticket', () => environment.audited('console.alerts.umbrella_filed'));
  await cycle(IDS, IDS + 10);
  await until('the later alerts are held back too', async () => (await skipped()) === IDS + 10 - LIMIT);
  await until('the tickets below the limit', async () => (await filed()) - before >= LIMIT);
  mustBe(`tickets of a sender with ${IDS + 10} ids`, (await filed()) - before, LIMIT);
  mustBe('umbrella tickets', await environment.audited('console.alerts.umbrella_filed'), 1);
  await until('the tickets are tagged', () => environment.tickets(`auto:alert:${source}`).length === LIMIT + 1);
  await until('one message names the others', () =>
    environment.openings().some((text) => text.includes('more alerts')),
  );
  say(
    `a sender with ${IDS + 10} different ids: ${LIMIT} tickets and one umbrella ticket, the rest named in one message`,
  );
}

async function flagOff(environment: DrillEnvironment, say: Say): Promise<void> {
  const source = 'steady-sender';
  const skipped = () => environment.audited('console.alerts.ticket_skipped', { reason: 'flag_off' });
  mustBe(
    'the answer to flipping the flag off',
    (await environment.ask('POST', `/console/flags/${FLAG}`, { enabled: false })).status,
    200,
  );
  const before = environment.ticketCount();
  await environment.emit(source, [alert('off-1'), alert('off-2')]);
  await until('both are skipped because of the flag', async () => (await skipped()) === 2);
  mustBe('tickets filed after the flag went off', environment.ticketCount() - before, 0);
  say('flag off: nothing more is filed');

  await environment.ask('POST', `/console/flags/${FLAG}`, { enabled: true });
  await until('a ticket at the next emission', async () => {
    await environment.emit(source, [alert('off-1')]);
    return environment.tickets(`auto:alert:${source}`).length > 0;
  });
  mustBe('tickets filed after the flag went on', environment.ticketCount() - before, 1);
  say('flag on again: the alert that is still emitted gets its ticket');
}

const alert = (alert_id: string) => ({ alert_id, severity: 'P1', status: 'firing', title: `Drill ${alert_id}` });
