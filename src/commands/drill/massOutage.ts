import { setTimeout as sleep } from 'node:timers/promises';
import type { House } from './house.ts';
import { mustBe, until } from './patience.ts';
import type { Drill } from './run.ts';

const OWN = 20;
const ASK_EVERY_MS = 500;
/** A page may take so long, whatever else goes on. */
const PAGE_MS = 5_000;
/** From the moment at which the last alert was kept from a ticket of its own. */
const NAMED_WITHIN_S = 60;
const KEY = /status_poller:[0-9a-f]{16}/g;

/** Many services go down at once: few tickets, nothing lost, and the console goes on working. */
export const massOutage = (name: string, count: number, pollSeconds: number): Drill => ({
  name,
  about: `${count} services down at once: ${OWN} tickets, one that names the others, and a console that answers`,
  surfaceIds: Array.from({ length: count }, (_, n) => `mass-${n + 1}`),
  settings: { POLL_INTERVAL_SECONDS: String(pollSeconds), STORM_MAX_TICKETS: String(OWN) },
  async run(house, say) {
    const patience = 60 + count;
    const console = watchConsole(house);
    const filed = () => house.audited('console.alerts.ticket_filed');
    const skipped = () => house.audited('console.alerts.ticket_skipped', { reason: 'storm' });
    const began = performance.now();
    const seconds = (since = began) => Math.round((performance.now() - since) / 1_000);

    for (let n = 1; n <= count; n++) house.services.control.set(`mass-${n}`, 'down');
    await until(
      'each alert has a ticket or the reason why not',
      async () => (await filed()) + (await skipped()) >= count,
      patience,
    );
    const decided = performance.now();
    say(`${count} alerts decided upon ${seconds()} s after the services went down`);

    const named = () => new Set(house.messages().flatMap((text) => text.match(KEY) ?? []));
    await until('each alert is named in a direct message', () => named().size >= count, NAMED_WITHIN_S);
    say(`all of them named in ${house.messages().length} direct messages, the last ${seconds(decided)} s after that`);

    await until('an umbrella ticket', () => house.audited('console.alerts.umbrella_filed'));
    const listed = () => new Set(house.stormTexts().flatMap((text) => text.match(KEY) ?? []));
    await until('the umbrella ticket names all the others', () => listed().size >= count - OWN, patience);
    say(`the umbrella ticket names ${listed().size} alerts`);

    mustBe('tickets', house.ticketCount(), OWN + 1);
    mustBe('tickets and reasons in the audit log', [await filed(), await skipped()], [OWN, count - OWN]);
    mustBe('umbrella tickets', await house.audited('console.alerts.umbrella_filed'), 1);
    const { times, failed } = await console.stop();
    mustBe('pages that failed meanwhile', failed, 0);
    mustBe(`pages that took longer than ${PAGE_MS} ms`, times.filter((ms) => ms > PAGE_MS).length, 0);
    say(
      `the grid was asked for ${times.length} times meanwhile: half within ${at(times, 0.5)} ms, all within ${at(times, 1)} ms`,
    );
  },
});

/** Asks for the grid again and again, as an operator with an open page does. */
function watchConsole(house: House) {
  const times: number[] = [];
  let failed = 0;
  let stopped = false;
  const life = (async () => {
    while (!stopped) {
      const began = performance.now();
      const answer = await house.ask('GET', '/console/status').catch(() => null);
      if (answer?.status !== 200) failed += 1;
      times.push(performance.now() - began);
      await sleep(ASK_EVERY_MS);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await life;
      return { times, failed };
    },
  };
}

const at = (times: number[], share: number): number => {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
};
