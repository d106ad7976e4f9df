import { expect, it } from 'vitest';
import { bearer, start, TOKENS } from './support.ts';

it('one caller has one search at a time, and too many waiting ones are refused', async () => {
  let [running, most] = [0, 0];
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const app = await start({
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
