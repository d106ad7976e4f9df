import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from './drillDefinition.ts';
import type { DrillEnvironment } from './drillEnvironment.ts';
import { expectEqual, until } from './expectations.ts';
import { problemsOf } from './outageRecords.ts';

const OWN = 20;
const ASK_EVERY_MS = 500;
const KEY = /status_poller:[0-9a-f]{16}/g;
/** The console does not respond if so many requests in a row fail. A busy machine may answer a single one too late. */
const UNRESPONSIVE = 3;

/**
 * Many services go down at once: few tickets, no alert lost, and the console keeps responding. How long each step
 * took is reported, not judged: it depends on the machine.
 */
export const massOutage = (name: string, count: number, pollSeconds: number): Drill => ({
  name,
  surfaceIds: Array.from({ length: count }, (_, n) => `mass-${n + 1}`),
  settings: { POLL_INTERVAL_SECONDS: String(pollSeconds), STORM_MAX_TICKETS: String(OWN) },
  async run(environment, report) {
    const gridRequests = pollGrid(environment);
    try {
      await goDown(environment, report, count);
      await expectShownTickets(environment, report);
      await recover(environment, report, count);
      await expectCompleteRecords(environment, report);
    } finally {
      await gridRequests.stop();
    }
    const { times, failed, mostInARow } = gridRequests;
    const isResponsive = mostInARow() < UNRESPONSIVE;
    expectEqual(`fewer than ${UNRESPONSIVE} requests for the grid in a row failed`, isResponsive, true);
    report(
      `of ${times.length} requests for the grid during the drill ${failed()} failed; median ${percentile(times, 0.5)} ms, maximum ${percentile(times, 1)} ms`,
    );
  },
});

type Report = (line: string) => void;

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 1_000);
const keysIn = (texts: string[]): Set<string> => new Set(texts.flatMap((text) => text.match(KEY) ?? []));

async function goDown(environment: DrillEnvironment, report: Report, count: number): Promise<void> {
  const filed = () => environment.audited('console.alerts.ticket_filed');
  const skipped = () => environment.audited('console.alerts.ticket_skipped', { reason: 'storm' });
  const began = performance.now();
  for (let n = 1; n <= count; n++) environment.services.control.set(`mass-${n}`, 'down');
  await until(
    'each alert has a ticket or a reason for having none',
    async () => (await filed()) + (await skipped()) >= count,
  );
  const decided = performance.now();
  report(`all ${count} alerts have a ticket or a skip reason ${secondsSince(began)} s after the services went down`);

  await until('a direct message lists each alert', () => keysIn(environment.messages()).size >= count);
  report(
    `${environment.messages().length} direct messages list all of them, the last ${secondsSince(decided)} s later`,
  );

  await until('an umbrella ticket', () => environment.audited('console.alerts.umbrella_filed'));
  const listed = () => keysIn(environment.stormTexts()).size;
  await until('the umbrella ticket lists all the others', () => listed() >= count - OWN);
  report(`the umbrella ticket lists ${listed()} alerts`);

  expectEqual('tickets', environment.ticketCount(), OWN + 1);
  expectEqual('filed and skipped alerts in the audit log', [await filed(), await skipped()], [OWN, count - OWN]);
  expectEqual('umbrella tickets', await environment.audited('console.alerts.umbrella_filed'), 1);
}

/** The grid shows a ticket for every surface. */
async function expectShownTickets(environment: DrillEnvironment, report: Report): Promise<void> {
  // Nothing if the grid was not read in time, on a busy machine.
  const grid = async () => (await environment.ask('GET', '/console/status')).body.surfaces as Shown[] | undefined;
  const surfaces = await until('the grid is read', grid);
  expectEqual(
    'surfaces without a ticket on the grid',
    named(surfaces.filter(({ ticket }) => ticket === null).map(({ id }) => id)),
    [],
  );
  const shared = surfaces.filter(({ ticket }) => ticket?.shared_with !== null);
  report(`the grid shows a ticket for every surface, the umbrella ticket for ${shared.length} of them`);
}

interface Shown {
  id: string;
  ticket: { shared_with: number | null } | null;
}

async function recover(environment: DrillEnvironment, report: Report, count: number): Promise<void> {
  const began = performance.now();
  for (let n = 1; n <= count; n++) environment.services.control.set(`mass-${n}`, 'healthy');
  await until('every alert has resolved', async () => (await environment.activeAlerts()) === 0);
  report(`all alerts resolved ${secondsSince(began)} s after the services came back`);
  expectEqual('tickets after the recovery', environment.ticketCount(), OWN + 1);
}

/** Checks the records of each surface, from its outage to its recovery. */
async function expectCompleteRecords(environment: DrillEnvironment, report: Report): Promise<void> {
  const records = await environment.outageRecords();
  const observed = {
    tickets: new Set(environment.tickets()),
    listed: keysIn(environment.stormTexts()),
    notified: keysIn(environment.messages()),
  };
  const incomplete = records.flatMap((record) => {
    const problems = problemsOf(record, observed);
    return problems.length === 0 ? [] : [`${record.surfaceId}: ${problems.join(', ')}`];
  });
  expectEqual('surfaces with missing or repeated records', named(incomplete), []);
  report(
    `the records of all ${records.length} surfaces are complete: outage, ticket or umbrella ticket, direct message, recovery`,
  );
}

const NAMED = 10;

/** The first few, and how many more there are. */
const named = (surfaces: string[]): string[] =>
  surfaces.length <= NAMED ? surfaces : [...surfaces.slice(0, NAMED), `and ${surfaces.length - NAMED} more`];

/** Requests the grid continuously, as an open page of an operator does. */
function pollGrid(environment: DrillEnvironment) {
  const times: number[] = [];
  let failed = 0;
  let inARow = 0;
  let mostInARow = 0;
  let stopped = false;
  const polling = (async () => {
    while (!stopped) {
      const began = performance.now();
      const answer = await environment.ask('GET', '/console/status').catch(() => null);
      inARow = answer?.status === 200 ? 0 : inARow + 1;
      if (inARow > 0) failed += 1;
      mostInARow = Math.max(mostInARow, inARow);
      times.push(performance.now() - began);
      await sleep(ASK_EVERY_MS);
    }
  })();
  return {
    times,
    failed: () => failed,
    mostInARow: () => mostInARow,
    async stop(): Promise<void> {
      stopped = true;
      await polling;
    },
  };
}

const percentile = (times: number[], share: number): number => {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
};
