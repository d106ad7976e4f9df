import { expect, it } from 'vitest';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import { Problem } from '../../src/lib/problem.ts';
import { bearer, errorOf, start, TOKENS } from './support.ts';

/** Every page that is read on the connections of pages, and what reads it. */
const PAGES: [path: string, method: keyof ConsoleApi][] = [
  ['/console/surfaces/api-prod', 'surface'],
  ['/console/alerts', 'alerts'],
  ['/console/alerts/a%3A1', 'alert'],
  ['/console/silences', 'silences'],
  ['/console/silences/new?alert=a%3A1', 'alert'],
  ['/console/customers', 'customers'],
  ['/console/flags', 'suppressedAlerts'],
  ['/console/audit', 'audit'],
  ['/console/inspect/actors', 'actors'],
  ['/console/inspect/actors/surface%3Aapi-prod', 'actor'],
  ['/console/dead-letters', 'deadLetters'],
  ['/console/dead-letters/d1', 'deadLetter'],
  ['/console/reconcile', 'reconciliation'],
  ['/console/sources', 'sources'],
  ['/console/weekly', 'weekly'],
  ['/console/refusals', 'refusals'],
];
/** Everybody may wait for 20 reads, and for 4 where a read may be a search. */
const SEARCHES = new Set(['alerts', 'customers', 'audit', 'actors']);

const ENV = { CONSOLE_API_TOKENS: `ops:admin:${TOKENS.admin},other:admin:other-admin-token-0123456789` };

it.each(PAGES)(
  'one caller has one read of %s at a time, and does not keep another caller waiting',
  async (path, method) => {
    let [running, begun] = [0, 0];
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const read = async () => {
      running += 1;
      begun += 1;
      await finished;
      running -= 1;
      throw new Problem('not_found', 'Not found.');
    };
    const app = await start({ env: ENV, services: { [method]: read } });
    const waiting = SEARCHES.has(method) ? 4 : 20;
    const statuses: number[] = [];
    const mine = Array.from({ length: waiting + 4 }, async () => {
      statuses.push((await app.get(path, bearer(TOKENS.admin))).status);
    });
    await expect.poll(() => statuses).toEqual(Array(3).fill(429));
    expect(running).toBe(1);
    const other = app.get(path, bearer('other-admin-token-0123456789'));
    await expect.poll(() => running).toBe(2);
    finish();
    await Promise.all([...mine, other]);
    expect(statuses.filter((status) => status === 404)).toHaveLength(waiting + 1);
    expect(begun).toBe(waiting + 2);
  },
);

it('a caller with too many reads that wait is told when to try again', async () => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const app = await start({ services: { weekly: () => finished.then(() => null) } });
  const reads = Array.from({ length: 22 }, () => app.get('/console/weekly', bearer(TOKENS.viewer)));
  const refused = await Promise.race(reads);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
  finish();
  await Promise.all(reads);
});

/** Asks for a page that is never answered, and for one behind it. Repeats `meanwhile` until both have ended. */
async function behindSilentRead(meanwhile: (app: Awaited<ReturnType<typeof start>>) => Promise<unknown>) {
  let begun = false;
  const weekly = () => {
    begun = true;
    return new Promise<never>(() => {});
  };
  const app = await start({ env: ENV, services: { weekly } });
  const first = app.get('/console/weekly', bearer(TOKENS.admin));
  await expect.poll(() => begun).toBe(true);
  let ended = false;
  const both = Promise.all([first, app.get('/console/refusals', bearer(TOKENS.admin))]).finally(() => {
    ended = true;
  });
  const hasEnded = async () => {
    await meanwhile(app);
    return ended;
  };
  await expect.poll(hasEnded, { interval: 200, timeout: 10_000 }).toBe(true);
  return Promise.all(
    (await both).map(async (response) => ({
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      message: (await errorOf(response)).message,
    })),
  );
}

const LATE = { status: 503, retryAfter: '10', message: 'The database did not answer within 4.5 s.' };

it('a page that waited only for the other pages of its caller says so while the database answers others', async () => {
  const answers = await behindSilentRead((app) => app.get('/console/refusals', bearer('other-admin-token-0123456789')));
  const message = 'Your other pages are still loading. Wait until they are done, then reload.';
  expect(answers).toEqual([LATE, { status: 429, retryAfter: '5', message }]);
});

it('a page that waited for the other pages of its caller names the database while it answers nobody', async () => {
  const answers = await behindSilentRead((app) => app.get('/console/weekly', bearer('other-admin-token-0123456789')));
  expect(answers).toEqual([LATE, LATE]);
});
