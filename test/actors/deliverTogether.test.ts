import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assign } from 'xstate';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { type SampleContext, sampleEntry, sampleMachine } from '../support/sampleMachine.ts';

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  hosts = await startSampleHosts();
});
afterAll(() => hosts.close());

/** With few connections, so that on a busy machine no delivery waits behind so many others that its lock times out. */
const threeProcesses = () => [1, 2, 3].map(() => hosts.host({ poolSize: 2 }));

const sum = async (like: string): Promise<number> =>
  Number(
    (await hosts.pool.query("select sum((snapshot->'context'->>'n')::int) as n from actors where id like $1", [like]))
      .rows[0].n,
  );

it('the first events of a new actor from two processes at once are both applied to one row', async () => {
  const [one, two] = [hosts.host(), hosts.host()];
  for (let i = 0; i < 20; i++) {
    const id = `toy:new-${i}`;
    const delivered = await Promise.all([one, two].map((host) => host.deliver([to(id, { type: 'ADD', by: 1 })])));
    expect(delivered.flat().map(({ applied }) => applied)).toEqual(['changed', 'changed']);
    expect(await hosts.row(id)).toMatchObject({ rev: 2, snapshot: { context: { n: 2 } } });
  }
});

it('events that create more actors than are written at once are applied once, although two processes have them at the same time', async () => {
  const [one, two] = [hosts.host(), hosts.host()];
  for (let i = 0; i < 5; i++) {
    const events = Array.from({ length: 60 }, (_, n) => to(`toy:large-${i}-${n}`, { type: 'ADD', by: 1 }, 'once'));
    const delivered = await Promise.all([one, two].map((host) => host.deliver(events)));
    expect(delivered.map((each) => new Set(each.map(({ applied }) => applied)))).toEqual(
      expect.arrayContaining([new Set(['changed']), new Set(['duplicate'])]),
    );
    expect(await sum(`toy:large-${i}-%`)).toBe(60);
  }
});

it('twenty overlapping batches in any order, on old and new actors, all come through', async () => {
  const processes = threeProcesses();
  const ids = Array.from({ length: 30 }, (_, i) => `toy:mix-${i}`);
  await processes[0]?.deliver(ids.filter((_, i) => i % 2 === 0).map((id) => to(id, { type: 'ADD', by: 0 })));
  await Promise.all(
    Array.from({ length: 20 }, (_, batch) => {
      const shuffled = ids.toSorted((a, b) => order(a, batch) - order(b, batch));
      return processes[batch % 3]?.deliver(shuffled.map((id) => to(id, { type: 'ADD', by: 1 })));
    }),
  );
  expect(await sum('toy:mix-%')).toBe(20 * 30);
  expect(await hosts.count("actor_history where actor_id like 'toy:mix-%' and event->>'by' = '1'")).toBe(20 * 30);
});

it('a hundred events to one actor through three processes count up to a hundred', async () => {
  const processes = threeProcesses();
  await Promise.all(
    Array.from({ length: 100 }, (_, i) => processes[i % 3]?.deliver([to('toy:hot', { type: 'ADD', by: 1 })])),
  );
  expect(await hosts.row('toy:hot')).toMatchObject({ rev: 100, snapshot: { context: { n: 100 } } });
});

it.each([
  [100, 10],
  [500, 25],
  [2_000, 50],
])('a batch of %i events lets the other work of its process have a turn after every %i', async (size, every) => {
  let steps = 0;
  let longest = 0;
  const counted = sampleMachine.provide({
    actions: {
      set: assign((_, change: Partial<SampleContext>) => {
        steps += 1;
        longest = Math.max(longest, steps);
        return change;
      }),
    },
  });
  const host = hosts.host({ entries: [{ ...sampleEntry, machine: counted }] });
  let isOver = false;
  const otherWork = async () => {
    while (!isOver) {
      steps = 0;
      await turn();
    }
  };
  const running = otherWork();
  await host.deliver(Array.from({ length: size }, (_, n) => to(`toy:many-${size}-${n}`, { type: 'ADD', by: 1 })));
  isOver = true;
  await running;
  expect(longest).toBeGreaterThan(every / 2);
  expect(longest).toBeLessThanOrEqual(every);
});

/** Another order for each seed, the same in every run. */
function order(id: string, seed: number): number {
  let hash = seed * 2_654_435_761;
  for (const char of id) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  return hash;
}
