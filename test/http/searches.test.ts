import { expect, it } from 'vitest';
import { Problem } from '../../src/lib/problem.ts';
import { bearer, errorOf, start, TOKENS } from './support.ts';

/** With four connections for pages, two searches run at once. */
const TWO_AT_ONCE = { DATABASE_POOL_SIZE: '16' };

it('one caller has one search at a time, and too many waiting ones are refused', async () => {
  let [running, most] = [0, 0];
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const app = await start({
    env: TWO_AT_ONCE,
    services: {
      async audit() {
        running += 1;
        most = Math.max(most, running);
        await finished;
        running -= 1;
        return { rows: [], next_cursor: null };
      },
    },
  });
  const search = (token: string) => app.get('/console/audit?q=x', bearer(token));
  const statuses: number[] = [];
  const searches = Array.from({ length: 10 }, async () => {
    statuses.push((await search(TOKENS.viewer)).status);
  });
  // One runs, and four wait.
  await expect.poll(() => statuses).toEqual(Array(5).fill(429));
  expect(most).toBe(1);
  const other = search(TOKENS.admin);
  await expect.poll(() => running).toBe(2);
  finish();
  expect((await other).status).toBe(200);
  await Promise.all(searches);
  expect(statuses.filter((status) => status === 200)).toHaveLength(5);
});

const SEARCHES = [
  ['audit', '/console/audit?q=x'],
  ['alerts', '/console/alerts?q=x'],
  ['actors', '/console/inspect/actors?q=x'],
  ['customers', '/console/customers?q=x'],
];

it.each(SEARCHES)(
  'a search of %s is cancelled when its reader goes away, and one that still waits does not run',
  async (method, path) => {
    const signals: AbortSignal[] = [];
    let ended = 0;
    const app = await start({
      services: {
        countRequest() {
          ended += 1;
        },
        [method]: (_query: unknown, signal?: AbortSignal) =>
          new Promise((_resolve, reject) => {
            if (signal === undefined) return;
            signals.push(signal);
            signal.addEventListener('abort', () => reject(new Error('cancelled')));
          }),
      },
    });
    const search = ({ signal }: AbortController) =>
      fetch(`${app.url}${path}`, { headers: bearer(TOKENS.viewer), signal }).catch(() => null);
    const [running, waiting, next] = [new AbortController(), new AbortController(), new AbortController()];
    const searches = [search(running)];
    await expect.poll(() => signals.length).toBe(1);
    // As many as may wait, and one that is refused.
    const others = Array.from({ length: 5 }, () => search(waiting));
    expect((await Promise.race(others))?.status).toBe(429);
    waiting.abort();
    await expect.poll(() => ended).toBe(5);
    running.abort();
    await expect.poll(() => signals[0]?.aborted).toBe(true);
    searches.push(...others, search(next));
    await expect.poll(() => signals.length).toBe(2);
    expect(signals[1]?.aborted).toBe(false);
    next.abort();
    await Promise.all(searches);
  },
);

it('searches of different callers take turns, while lists without a text and other pages are read at once', async () => {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const app = await start({
    services: {
      async audit({ q }) {
        begun.push(q ?? 'list');
        if (q !== undefined) await new Promise<void>((resolve) => ends.push(resolve));
        return { rows: [], next_cursor: null };
      },
    },
  });
  const first = app.get('/console/audit?q=first', bearer(TOKENS.viewer));
  await expect.poll(() => begun).toEqual(['first']);
  const second = app.get('/console/audit?q=second', bearer(TOKENS.operator));
  expect((await app.get('/console/audit', bearer(TOKENS.admin))).status).toBe(200);
  expect((await app.get('/console/refusals', bearer(TOKENS.admin))).status).toBe(200);
  expect(begun).toEqual(['first', 'list']);
  ends[0]?.();
  await expect.poll(() => begun).toEqual(['first', 'list', 'second']);
  ends[1]?.();
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
});

it('a search that waits for those of others leaves the queue when its reader goes away', async () => {
  const begun: string[] = [];
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const app = await start({
    services: {
      async audit({ q }) {
        begun.push(q ?? '');
        await finished;
        return { rows: [], next_cursor: null };
      },
    },
  });
  const first = app.get('/console/audit?q=first', bearer(TOKENS.viewer));
  await expect.poll(() => begun).toEqual(['first']);
  const reader = new AbortController();
  const search = () =>
    fetch(`${app.url}/console/audit?q=left`, { headers: bearer(TOKENS.admin), signal: reader.signal }).catch(
      () => null,
    );
  // One waits for the search of the other caller, four wait for that one, and one is refused.
  const left = Array.from({ length: 6 }, search);
  expect((await Promise.race(left))?.status).toBe(429);
  reader.abort();
  await Promise.all(left);
  expect((await app.get('/console/refusals', bearer(TOKENS.admin))).status).toBe(200);
  finish();
  expect((await first).status).toBe(200);
  expect(begun).toEqual(['first']);
});

it('a search that waits in vain for those of others says so while the database answers', async () => {
  let begun = 0;
  const audit = () => {
    begun += 1;
    return new Promise<never>(() => {});
  };
  const app = await start({ services: { audit } });
  const first = app.get('/console/audit?q=first', bearer(TOKENS.admin));
  await expect.poll(() => begun).toBe(1);
  let isOver = false;
  const second = app.get('/console/audit?q=second', bearer(TOKENS.operator)).finally(() => {
    isOver = true;
  });
  const isOverMeanwhile = async () => {
    await app.get('/console/silences', bearer(TOKENS.viewer));
    return isOver;
  };
  await expect.poll(isOverMeanwhile, { interval: 200 }).toBe(true);
  const answer = await second;
  const message = 'Other people are searching. Try again in a few seconds.';
  expect([answer.status, await errorOf(answer)]).toEqual([503, expect.objectContaining({ code: 'busy', message })]);
  expect((await first).status).toBe(503);
  expect(begun).toBe(1);
});

it('a search whose turn came late says that others were searching, not that the database is late', async () => {
  let begun = 0;
  let end = () => {};
  const audit = () => {
    begun += 1;
    return new Promise<never>((_resolve, reject) => {
      const limit = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
      if (begun === 1) end = () => reject(new Problem('busy', 'The search took too long.', { cause: limit }));
    });
  };
  const app = await start({ services: { audit } });
  const first = app.get('/console/audit?q=first', bearer(TOKENS.admin));
  await expect.poll(() => begun).toBe(1);
  const waiting = app.get('/console/audit?q=second', bearer(TOKENS.operator));
  await app.get('/healthz');
  // The second one then waits for twice as long for its turn as for the database.
  setTimeout(end, 3_000);
  const second = await waiting;
  expect([second.status, (await errorOf(second)).message]).toEqual([
    503,
    'Other people are searching. Try again in a few seconds.',
  ]);
  expect((await first).status).toBe(503);
});

it('searches of alerts, actors and customers, which read a limited number of rows, wait for no search of other callers', async () => {
  let begun = 0;
  const audit = () => {
    begun += 1;
    return new Promise<never>(() => {});
  };
  const app = await start({ services: { audit } });
  const abort = new AbortController();
  const first = fetch(`${app.url}/console/audit?q=x`, { headers: bearer(TOKENS.admin), signal: abort.signal });
  await expect.poll(() => begun).toBe(1);
  const others = ['/console/alerts?q=x', '/console/inspect/actors?q=x', '/console/customers?q=x'];
  const answers = await Promise.all(others.map((path) => app.get(path, bearer(TOKENS.operator))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  abort.abort();
  await expect(first).rejects.toThrow();
});
