import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
let host: ReturnType<typeof hosts.host>;
beforeEach(async () => {
  hosts = await startSampleHosts();
  host = hosts.host();
});
afterEach(() => hosts.close());

const timers = async (id: string) =>
  (
    await hosts.pool.query(
      `select rev, round(extract(epoch from due_at - at))::int as in_s from timers join actor_history using (actor_id, rev)
       where actor_id = $1`,
      [id],
    )
  ).rows;
const jobs = () => hosts.count('graphile_worker._private_jobs');
const fired = async (id: string) => (await hosts.row(id))?.snapshot.context.fired;

it('a timer is armed with its actor, and fires when it is due', async () => {
  await host.deliver([to('toy:due', { type: 'WAIT' })]);
  expect(await timers('toy:due')).toEqual([{ rev: 1, in_s: 60 }]);
  host.start('all');
  await hosts.hurry('timer:toy:due:%');
  await eventually(async () => expect(await fired('toy:due')).toBe(1));
  expect(await hosts.row('toy:due')).toMatchObject({ state: 'idle' });
  expect(await timers('toy:due')).toEqual([]);
});

it('a cancelled timer never fires', async () => {
  await host.deliver([to('toy:back', { type: 'WAIT' })]);
  await host.deliver([to('toy:back', { type: 'CALM' })]);
  expect(await timers('toy:back')).toEqual([]);
  host.start('all');
  await hosts.hurry('timer:toy:back:%');
  await eventually(async () => expect(await jobs()).toBe(0));
  expect(await fired('toy:back')).toBe(0);
});

it('a timer that is armed and cancelled in one batch leaves no row', async () => {
  await host.deliver([to('toy:brief', { type: 'WAIT' }), to('toy:brief', { type: 'CALM' })]);
  expect(await timers('toy:brief')).toEqual([]);
  expect(await jobs()).toBe(0);
});

it('a timer that is armed again runs from then on, and fires once', async () => {
  await host.deliver([to('toy:anew', { type: 'WAIT' })]);
  await hosts.pool.query("update timers set due_at = now() + interval '5 s' where actor_id = 'toy:anew'");
  await host.deliver([to('toy:anew', { type: 'WAIT' })]);
  expect(await timers('toy:anew')).toEqual([{ rev: 2, in_s: 60 }]);
  expect(await jobs()).toBe(1);
  host.start('all');
  await hosts.hurry('timer:toy:anew:%');
  await eventually(async () => expect(await fired('toy:anew')).toBe(1));
});

it('a firing is ignored if its timer was cancelled or armed again meanwhile', async () => {
  await host.deliver([to('toy:late', { type: 'WAIT' })]);
  const { rows } = await hosts.pool.query("select timer_id, event from timers where actor_id = 'toy:late'");
  const [{ timer_id: id, event }] = rows as [{ timer_id: string; event: { type: string } }];
  const late = { to: 'toy:late', event, timer: { id, rev: 1 } };
  await host.deliver([to('toy:late', { type: 'WAIT' })]);
  expect((await host.deliver([late]))[0]?.applied).toBe('stale');
  await host.deliver([to('toy:late', { type: 'CALM' })]);
  expect((await host.deliver([{ ...late, timer: { id, rev: 2 } }]))[0]?.applied).toBe('stale');
  expect(await fired('toy:late')).toBe(0);
});

it('a firing that is delivered twice is applied once', async () => {
  await host.deliver([to('toy:double', { type: 'WAIT' })]);
  const { rows } = await hosts.pool.query("select timer_id, event from timers where actor_id = 'toy:double'");
  const [{ timer_id: id, event }] = rows as [{ timer_id: string; event: { type: string } }];
  const firing = { to: 'toy:double', event, eventId: `timer:${id}:1`, timer: { id, rev: 1 } };
  const delivered = await Promise.all([host, hosts.host()].map((each) => each.deliver([firing])));
  expect(
    delivered
      .flat()
      .map(({ applied }) => applied)
      .toSorted(),
  ).toEqual(['changed', 'duplicate']);
  expect(await fired('toy:double')).toBe(1);
});

it('a timer that became due without any worker fires once a worker starts', async () => {
  await host.deliver([to('toy:slept', { type: 'WAIT' })]);
  await host.stop(0);
  await hosts.pool.query("update timers set due_at = now() - interval '1 hour' where actor_id = 'toy:slept'");
  await hosts.pool.query("update graphile_worker._private_jobs set run_at = now() - interval '1 hour'");
  const next = hosts.host();
  next.start('all');
  await eventually(async () => expect(await fired('toy:slept')).toBe(1));
});

it('a firing and a result are ignored if an event before them in the same delivery has cancelled them', async () => {
  const again = [to('toy:same', { type: 'CALM' }), to('toy:same', { type: 'WORK' })];
  await host.deliver([to('toy:same', { type: 'WAIT' })]);
  const { rows } = await hosts.pool.query("select timer_id, event from timers where actor_id = 'toy:same'");
  const [{ timer_id, event }] = rows as [{ timer_id: string; event: { type: string } }];
  const firing = { to: 'toy:same', event, timer: { id: timer_id, rev: 1 } };
  const first = await host.deliver([to('toy:same', { type: 'WAIT' }), firing, ...again]);
  expect(first.map(({ applied }) => applied)).toEqual(['changed', 'stale', 'changed', 'changed']);

  const { rows: effects } = await hosts.pool.query("select id from effects where actor_id = 'toy:same'");
  const [{ id }] = effects as [{ id: string }];
  const done = { type: 'xstate.done.actor.job', output: 'old', actorId: 'job' };
  const result = { to: 'toy:same', event: done, eventId: `effect:${id}` };
  const second = await host.deliver([...again, { ...result, effect: { id, status: 'done' as const } }]);
  expect(second.map(({ applied }) => applied)).toEqual(['changed', 'changed', 'stale']);
  expect((await hosts.row('toy:same'))?.snapshot).toMatchObject({ value: 'working', context: { answer: null } });
});
