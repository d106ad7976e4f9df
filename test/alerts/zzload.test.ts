import { afterAll, beforeAll, expect, it } from 'vitest';
import { openHouse } from '../support/house.ts';
let house: Awaited<ReturnType<typeof openHouse>>;
beforeAll(async () => { house = await openHouse(); });
afterAll(() => house.close());
it('load', async () => {
  const one = house.process();
  const alerts = Array.from({ length: 5000 }, (_, n) => ({ alert_id: `load-${n}`, severity: 'P1', status: 'firing', title: `Trouble ${n}`, details: 'x'.repeat(500) }) as const);
  let t = performance.now();
  await one.aggregator.ingest('load', alerts);
  console.log('first 5000 ms', performance.now() - t);
  t = performance.now();
  await one.aggregator.ingest('load', alerts);
  console.log('second', performance.now() - t);
  t = performance.now();
  await one.aggregator.ingest('load', alerts);
  console.log('third', performance.now() - t);
  const start = performance.now();
  for (;;) {
    const { rows } = await house.pool.query("select count(*)::int n, (select jsonb_array_length(snapshot->'context'->'members') from actors where id='umbrella:load') m, (select jsonb_array_length(snapshot->'context'->'unsaid') from actors where id='umbrella:load') u from graphile_worker._private_jobs where run_at <= now()");
    console.log(Math.round(performance.now() - start), rows[0], house.openings().length, house.tickets().length);
    if (rows[0].n === 0 || performance.now() - start > 240_000) break;
    await new Promise(r => setTimeout(r, 5000));
  }
  expect(1).toBe(1);
}, 300_000);
