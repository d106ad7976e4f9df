import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from './drillDefinition.ts';
import type { DrillEnvironment } from './drillEnvironment.ts';
import { mustBe, until } from './expectations.ts';
import { lacking } from './stories.ts';

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
  surfaceIds: Array.from({ length: count }, (_, n) => `mass-${n + 1}`),
  settings: { POLL_INTERVAL_SECONDS: String(pollSeconds), STORM_MAX_TICKETS: String(OWN) },
  async run(environment, say) {
    const console = watchConsole(environment);
    try {
      await goDown(environment, say, count);
      await mustShowTickets(environment, say);
      await recover(environment, say, count);
      await mustBeComplete(environment, say);
    } finally {
      await console.stop();
    }
    const { times, failed } = console;
    mustBe('pages that failed meanwhile', failed(), 0);
    mustBe(`pages that took longer than ${PAGE_MS} ms`, times.filter((ms) => ms > PAGE_MS).length, 0);
    say(
      `the grid was asked for ${times.length} times meanwhile: half within ${at(times, 0.5)} ms, all within ${at(times, 1)} ms`,
    );
  },
});

type Say = (line: string) => void;

const patience = (count: number): number => 60 + count;
const secondsSince = (began: number): number => Math.round((performance.now() - began) / 1_000);
const keysIn = (texts: string[]): Set<string> => new Set(texts.flatMap((text) => text.match(KEY) ?? []));

async function goDown(environment: DrillEnvironment, say: Say, count: number): Promise<void> {
  const filed = () => environment.audited('console.alerts.ticket_filed');
  const skipped = () => environment.audited('console.alerts.ticket_skipped', { reason: 'storm' });
  const began = performance.now();
  for (let n = 1; n <= count; n++) environment.services.control.set(`mass-${n}`, 'down');
  await until(
    'each alert has a ticket or the reason why not',
    async () => (await filed()) + (await skipped()) >= count,
    patience(count),
  );
  const decided = performance.now();
  say(`${count} alerts decided upon ${secondsSince(began)} s after the services went down`);

  await until(
    'each alert is named in a direct message',
    () => keysIn(environment.messages()).size >= count,
    NAMED_WITHIN_S,
  );
  say(
    `all of them named in ${environment.messages().length} direct messages, the last ${secondsSince(decided)} s after that`,
  );

  await until('an umbrella ticket', () => environment.audited('console.alerts.umbrella_filed'));
  const listed = () => keysIn(environment.stormTexts()).size;
  await until('the umbrella ticket names all the others', () => listed() >= count - OWN, patience(count));
  say(`the umbrella ticket names ${listed()} alerts`);

  mustBe('tickets', environment.ticketCount(), OWN + 1);
  mustBe('tickets and reasons in the audit log', [await filed(), await skipped()], [OWN, count - OWN]);
  mustBe('umbrella tickets', await environment.audited('console.alerts.umbrella_filed'), 1);
}

/** Nobody who looks at the grid reads that there is no ticket. */
async function mustShowTickets(environment: DrillEnvironment, say: Say): Promise<void> {
  const { surfaces } = (await environment.ask('GET', '/console/status')).body as { surfaces: Shown[] };
  mustBe(
    'surfaces that show no ticket',
    named(surfaces.filter(({ ticket }) => ticket === null).map(({ id }) => id)),
    [],
  );
  const shared = surfaces.filter(({ ticket }) => ticket?.shared_with !== null);
  say(`each surface shows its ticket, ${shared.length} of them the umbrella's`);
}

interface Shown {
  id: string;
  ticket: { shared_with: number | null } | null;
}

async function recover(environment: DrillEnvironment, say: Say, count: number): Promise<void> {
  const began = performance.now();
  for (let n = 1; n <= count; n++) environment.services.control.set(`mass-${n}`, 'healthy');
  await until('each alert is over', async () => (await environment.activeAlerts()) === 0, patience(count));
  say(`all alerts over ${secondsSince(began)} s after the services came back`);
  mustBe('tickets after the recovery', environment.ticketCount(), OWN + 1);
}

/** From the outage to the recovery, surface by surface. */
async function mustBeComplete(environment: DrillEnvironment, say: Say): Promise<void> {
  const stories = await environment.stories();
  const outside = {
    tickets: new Set(environment.tickets()),
    listed: keysIn(environment.stormTexts()),
    told: keysIn(environment.messages()),
  };
  const incomplete = stories.flatMap((story) => {
    const lacks = lacking(story, outside);
    return lacks.length === 0 ? [] : [`${story.surfaceId} lacks ${lacks.join(', ')}`];
  });
  mustBe('surfaces whose story lacks something', named(incomplete), []);
  say(`the story of each of ${stories.length} surfaces is complete: outage, ticket or umbrella, message, recovery`);
}

const NAMED = 10;

/** As many as a person can read, and how many more there are. */
const named = (surfaces: string[]): string[] =>
  surfaces.length <= NAMED ? surfaces : [...surfaces.slice(0, NAMED), `and ${surfaces.length - NAMED} more`];

/** Asks for the grid again and again, as an operator with an open page does. */
function watchConsole(environment: DrillEnvironment) {
  const times: number[] = [];
  let failed = 0;
  let stopped = false;
  const life = (async () => {
    while (!stopped) {
      const began = performance.now();
      const answer = await environment.ask('GET', '/console/status').catch(() => null);
      if (answer?.status !== 200) failed += 1;
      times.push(performance.now() - began);
      await sleep(ASK_EVERY_MS);
    }
  })();
  return {
    times,
    failed: () => failed,
    async stop(): Promise<void> {
      stopped = true;
      await life;
    },
  };
}

const at = (times: number[], share: number): number => {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
};
