import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { sampleEntry } from '../support/sampleMachine.ts';

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  hosts = await startSampleHosts();
});
afterEach(() => hosts.stop());
afterAll(() => hosts.close());

const entries = [sampleEntry, { ...sampleEntry, kind: 'chief', ahead: true }];
const handlers = { work: { run: async () => 'done', patience: () => null } };

/** A few of the crowd are begun together with the first in line, and may be done before it. */
const AT_ONCE = 8;

/** Who was worked for, in the order in which the work was done, once all of it is. */
async function order(like: string, count: number): Promise<string[]> {
  return eventually(async () => {
    const { rows } = await hosts.pool.query(
      "select actor_id from actor_history where event->>'type' like 'xstate.%' and actor_id like $1 order by id",
      [like],
    );
    expect(rows).toHaveLength(count);
    return rows.map(({ actor_id }) => actor_id as string);
  });
}

it('a due timer does not wait behind a full queue', async () => {
  const crowd = Array.from({ length: 40 }, (_, n) => to(`toy:timer-${n}`, { type: 'WORK' }));
  const host = hosts.host({ entries, handlers });
  await host.deliver([...crowd, to('toy:timer-waits', { type: 'WAIT' })]);
  await hosts.hurry('timer:%');
  host.start('all');
  expect((await order('toy:timer-%', 41)).slice(0, AT_ONCE)).toContain('toy:timer-waits');
});

it('an effect of an actor that represents many does not wait behind a full queue', async () => {
  const crowd = Array.from({ length: 40 }, (_, n) => to(`toy:crowd-${n}`, { type: 'WORK' }));
  const host = hosts.host({ entries, handlers });
  await host.deliver([...crowd, to('chief:crowd', { type: 'WORK' })]);
  host.start('all');
  expect((await order('%:crowd%', 41)).slice(0, AT_ONCE)).toContain('chief:crowd');
});
