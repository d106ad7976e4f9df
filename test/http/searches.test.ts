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
  const searches = Array.from({ length: 10 }, () => search(TOKENS.viewer));
  const refused = await Promise.race(searches);
  expect(refused.status).toBe(429);
  expect(most).toBe(1);
  const other = search(TOKENS.admin);
  await expect.poll(() => running).toBe(2);
  finish();
  expect((await other).status).toBe(200);
  const statuses = (await Promise.all(searches)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(5);
});
