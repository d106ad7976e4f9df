import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivered, Message } from '../../../src/actors/messages.ts';
import { endMissed } from '../../../src/alerts/resolutions/missedEnds.ts';
import type { Judgement } from '../../../src/alerts/resolutions/resolutions.ts';
import { leaveFor } from '../../../src/app/leave.ts';
import type { EmissionInput } from '../../../src/model/alerts.ts';
import { startEnvironment } from '../../support/environment.ts';
import { eventually } from '../../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterAll(() => environment.close());

const minute = (n: number): string => new Date(Date.UTC(2026, 4, 5, 14) + n * 60_000).toISOString();
const fire = async (id: string, more: Partial<EmissionInput> = {}) => (await one.fire(id, more)).alerts[0];
const resolve = (id: string, more: Partial<EmissionInput> = {}) => fire(id, { status: 'resolved', ...more });
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.includes(`Trouble with ${id}`));
const audited = async (key: string) =>
  (await environment.audit('console.alerts.unknown_resolution')).filter(({ payload }) => payload.alert_key === key);
const isActive = async (key: string) =>
  (
    await environment.pool.query("select snapshot->'context'->'active' as active from actors where id = $1", [
      `alert:${key}`,
    ])
  ).rows[0]?.active ?? false;
/** As if all resolutions of this key had arrived so much earlier. */
const later = (key: string, interval: string) =>
  environment.pool.query(
    `with r as (update alert_resolutions set received_at = received_at - $2::interval where alert_key = $1)
     update unknown_resolutions set audited_at = audited_at - $2::interval where alert_key = $1`,
    [key, interval],
  );

describe('a resolution of an id that is not active', () => {
  it('says so in the answer, and is audited with the active alert that it may have meant', async () => {
    const key = 'monitor:disk-full-db-000';
    await fire('disk-full-db-0001-T1000');
    expect(await resolve('disk-full-db-0001-T1005')).toEqual({ alert_key: key, state: 'resolved', unknown_id: true });
    expect(await audited(key)).toEqual([
      {
        actor: 'monitor',
        payload: {
          alert_key: key,
          alert_id: 'disk-full-db-0001-T1005',
          may_have_meant: [{ alert_key: key, alert_id: 'disk-full-db-0001-T1000' }],
        },
      },
    ]);
    expect(await isActive(key)).toBe(true);
  });

  it('is audited with alerts of the same source that have its title or an id that begins alike', async () => {
    await fire('queue-17-x', { title: 'The queue is stuck' });
    await fire('backlog-3', { title: 'The backlog grows' });
    await one.aggregator.ingest('elsewhere', [
      { alert_id: 'queue-17-y', severity: 'P3', status: 'firing', title: 'The queue is stuck' },
    ]);
    await resolve('queue-17-z', { title: 'The backlog grows' });
    const [entry] = await audited('monitor:queue-17-z');
    const meant = entry?.payload.may_have_meant as { alert_id: string }[];
    expect(meant.map(({ alert_id }) => alert_id).toSorted()).toEqual(['backlog-3', 'queue-17-x']);
  });

  it('is audited once per key and hour', async () => {
    const key = 'monitor:never-fired';
    for (const _ of [1, 2, 3]) expect(await resolve('never-fired')).toMatchObject({ unknown_id: true });
    expect(await audited(key)).toHaveLength(1);
    await later(key, '61 minutes');
    await resolve('never-fired');
    expect(await audited(key)).toHaveLength(2);
  });

  it('is not what a repeated resolution is', async () => {
    await fire('repeated');
    await resolve('repeated');
    expect(await resolve('repeated')).toEqual({ alert_key: 'monitor:repeated', state: 'resolved' });
    expect(await audited('monitor:repeated')).toEqual([]);
  });
});

describe('an emission that its resolution overtook', () => {
  it('opens no episode', async () => {
    await resolve('overtaken');
    expect(await fire('overtaken')).toEqual({
      alert_key: 'monitor:overtaken',
      state: 'resolved',
      out_of_order: true,
    });
    await environment.settled();
    expect([await isActive('monitor:overtaken'), tickets('overtaken')]).toEqual([false, []]);
  });

  it.each<[what: string, resolution: Partial<EmissionInput>, emissions: Partial<EmissionInput>[]]>([
    ['timed', { at: minute(11) }, [{ at: minute(9) }, { at: minute(10) }]],
    ['untimed', {}, [{}, {}]],
  ])('opens no episode if its request says the same twice (%s)', async (what, resolution, emissions) => {
    const id = `twice-${what}`;
    await resolve(id, resolution);
    const firing = { alert_id: id, severity: 'P1', status: 'firing', title: `Trouble with ${id}` } as const;
    const sent = emissions.map((times) => ({ ...firing, ...times }));
    const late = { alert_key: `monitor:${id}`, state: 'resolved', out_of_order: true };
    expect((await one.aggregator.ingest('monitor', sent)).alerts).toEqual([late, late]);
    await environment.settled();
    expect([await isActive(`monitor:${id}`), tickets(id)]).toEqual([false, []]);
  });

  it('opens no episode beside a newer one in its request, which does', async () => {
    await resolve('twice-newer', { at: minute(11) });
    const firing = { alert_id: 'twice-newer', severity: 'P3', status: 'firing', title: 'x' } as const;
    const { alerts } = await one.aggregator.ingest('monitor', [
      { ...firing, at: minute(10) },
      { ...firing, at: minute(12) },
    ]);
    expect(alerts).toEqual([
      { alert_key: 'monitor:twice-newer', state: 'resolved', out_of_order: true },
      { alert_key: 'monitor:twice-newer', state: 'firing' },
    ]);
  });

  it('opens an episode if it comes more than a minute later', async () => {
    await resolve('not-overtaken');
    await later('monitor:not-overtaken', '61 seconds');
    expect(await fire('not-overtaken')).toMatchObject({ state: 'firing' });
  });

  it('opens no episode, hours later, by the times of its sender', async () => {
    await fire('delayed', { at: minute(1) });
    await resolve('delayed', { at: minute(3) });
    await later('monitor:delayed', '5 hours');
    expect(await fire('delayed', { at: minute(2) })).toMatchObject({ state: 'resolved', out_of_order: true });
    expect(await fire('delayed', { at: minute(4) })).toMatchObject({ state: 'firing' });
  });

  it('opens an episode at once if the clock was set back since the resolution, so that its age is not known', async () => {
    await resolve('set-back');
    await later('monitor:set-back', '-1 hour');
    expect(await fire('set-back')).toMatchObject({ state: 'firing' });
  });

  it('opens an episode at once if its sender says that it began after the resolution', async () => {
    await resolve('began-later', { ends_at: minute(2) });
    expect(await fire('began-later', { starts_at: minute(3) })).toMatchObject({ state: 'firing' });
  });

  it('opens an episode if both came in one request, in this order', async () => {
    const { alerts } = await one.aggregator.ingest('monitor', [
      { alert_id: 'one-request', severity: 'P3', status: 'resolved', title: 'x' },
      { alert_id: 'one-request', severity: 'P3', status: 'firing', title: 'x' },
    ]);
    expect(alerts.at(-1)).toEqual({ alert_key: 'monitor:one-request', state: 'firing' });
  });
});

describe('a request that lists the newest first', () => {
  const says = (id: string, more: Partial<EmissionInput>): EmissionInput => ({
    ...{ alert_id: id, severity: 'P1', status: 'firing', title: `Trouble with ${id}`, ...more },
  });

  it.each<[what: string, emission: Partial<EmissionInput>, resolution: Partial<EmissionInput>]>([
    ['at', { at: minute(0) }, { at: minute(5) }],
    ['starts_at', { starts_at: minute(0) }, { ends_at: minute(5) }],
  ])('leaves an alert ended that ended last, without a ticket (%s)', async (what, emission, resolution) => {
    const id = `back-${what}`;
    const { alerts } = await one.aggregator.ingest('monitor', [
      says(id, { status: 'resolved', ...resolution }),
      says(id, emission),
    ]);
    expect(alerts).toEqual([1, 2].map(() => ({ alert_key: `monitor:${id}`, state: 'resolved' })));
    await environment.settled();
    expect([await isActive(`monitor:${id}`), tickets(id)]).toEqual([false, []]);
  });

  it('gives an alert its newest facts, and an older resolution does not end it', async () => {
    await one.aggregator.ingest('monitor', [
      says('back-facts', { severity: 'P3', title: 'DOWN', at: minute(12) }),
      says('back-facts', { severity: 'P3', title: 'DEGRADED', at: minute(10) }),
    ]);
    const { rows } = await environment.pool.query(
      "select snapshot->'context'->>'title' as title from actors where id = 'alert:monitor:back-facts'",
    );
    expect(rows).toEqual([{ title: 'DOWN' }]);
    expect(await resolve('back-facts', { at: minute(11) })).toMatchObject({ state: 'firing', out_of_order: true });
    expect(await isActive('monitor:back-facts')).toBe(true);
  });
});

describe('the alert of a stored request', () => {
  const began = { starts_at: minute(0) };
  const ended = { ends_at: minute(8) };

  it.each<[what: string, emission: Partial<EmissionInput>, resolution: Partial<EmissionInput>]>([
    ['timed', began, ended],
    ['untimed', {}, {}],
    ['half-timed', began, {}],
  ])(
    'opens no episode if the request is replayed after a later one resolved it, however late (%s)',
    async (what, emission, resolution) => {
      const id = `dead-${what}`;
      await fire(id, { ...emission, arrived_at: minute(5) });
      await resolve(id, { ...resolution, arrived_at: minute(9) });
      await later(`monitor:${id}`, '5 hours');
      expect(await fire(id, { ...emission, arrived_at: minute(1) })).toMatchObject({
        state: 'resolved',
        out_of_order: true,
      });
      expect(await isActive(`monitor:${id}`)).toBe(false);
      await environment.settled();
      expect(environment.openings().filter(({ text }) => text.includes(`Trouble with ${id}`))).toHaveLength(1);
    },
  );

  it('keeps its episode if it fired again before a request from before its resolution is replayed', async () => {
    await fire('fired-again', { ...began, arrived_at: minute(2) });
    await resolve('fired-again', { ...ended, arrived_at: minute(9) });
    await fire('fired-again', { ...began, arrived_at: minute(30) });
    expect(await fire('fired-again', { ...began, arrived_at: minute(1) })).toMatchObject({ out_of_order: true });
    expect(await isActive('monitor:fired-again')).toBe(true);
  });

  it.each<[what: string, emission: Partial<EmissionInput>, resolution: Partial<EmissionInput>]>([
    ['timed', began, ended],
    ['untimed', {}, {}],
  ])('is not ended by a resolution that is replayed after it fired again (%s)', async (what, emission, resolution) => {
    const id = `old-end-${what}`;
    await fire(id, { ...emission, arrived_at: minute(30) });
    expect(await resolve(id, { ...resolution, arrived_at: minute(9) })).toMatchObject({
      state: 'firing',
      out_of_order: true,
    });
    expect(await isActive(`monitor:${id}`)).toBe(true);
  });

  it('fires again although its sender repeats when it began, if both requests waited for long', async () => {
    await fire('waited', { ...began, arrived_at: minute(1) });
    await resolve('waited', { ...ended, arrived_at: minute(9) });
    expect(await fire('waited', { ...began, arrived_at: minute(30) })).toMatchObject({ state: 'firing' });
  });

  it.each<[field: string, emission: Partial<EmissionInput>]>([
    ['at', { at: minute(8) }],
    ['starts_at', { starts_at: minute(8) }],
  ])(
    'fires again at once although the clock of its sender is slow, if its resolution has no time (%s)',
    async (field, emission) => {
      const id = `slow-${field}`;
      await fire(id, { arrived_at: minute(1) });
      await resolve(id, { arrived_at: minute(9) });
      expect(await fire(id, { ...emission, arrived_at: minute(9.5) })).toMatchObject({ state: 'firing' });
    },
  );

  it('ends although the clock of its sender is slow, if only its resolution has a time', async () => {
    await fire('slow-end', { arrived_at: minute(5) });
    expect(await resolve('slow-end', { at: minute(4), arrived_at: minute(6) })).toMatchObject({ state: 'resolved' });
    expect(await isActive('monitor:slow-end')).toBe(false);
  });
});

describe('what a process of the previous release recorded', () => {
  it('decides the order by the one instant that it has', async () => {
    await environment.pool.query(
      `insert into alert_resolutions (alert_key, alert_id, sent_at, was_active, received_at)
       values ('monitor:old-untimed', 'old-untimed', $1, true, now() - interval '5 hours'),
         ('monitor:old-timed', 'old-timed', $1, true, now() - interval '5 hours')`,
      [minute(9)],
    );
    expect(await fire('old-untimed', { arrived_at: minute(8) })).toMatchObject({ out_of_order: true });
    expect(await fire('old-untimed', { arrived_at: minute(10) })).toMatchObject({ state: 'firing' });
    expect(await fire('old-timed', { at: minute(8) })).toMatchObject({ out_of_order: true });
    expect(await fire('old-timed', { at: minute(10) })).toMatchObject({ state: 'firing' });
  });

  it("does not take a sender's time of an earlier resolution for the arrival of one without a time", async () => {
    await fire('ahead', { arrived_at: minute(1) });
    await resolve('ahead', { ends_at: minute(30), arrived_at: minute(2) });
    await fire('ahead', { arrived_at: minute(3) });
    await resolve('ahead', { arrived_at: minute(4) });
    expect(await fire('ahead', { arrived_at: minute(5) })).toMatchObject({ state: 'firing' });
  });

  it('gets the instant by which that process decides', async () => {
    await fire('for-old', { arrived_at: minute(1) });
    await resolve('for-old', { arrived_at: minute(9) });
    const { rows } = await environment.pool.query(
      `select s.sent_at as emitted, r.sent_at as resolved from alert_sightings s join alert_resolutions r using (alert_key)
       where alert_key = 'monitor:for-old'`,
    );
    expect(rows).toEqual([{ emitted: new Date(minute(1)), resolved: new Date(minute(9)) }]);
  });
});

describe('a resolution that a newer emission overtook', () => {
  it('does not end the alert, by the times of its sender', async () => {
    await fire('still-firing', { at: minute(1) });
    await fire('still-firing', { at: minute(5) });
    expect(await resolve('still-firing', { at: minute(3) })).toEqual({
      alert_key: 'monitor:still-firing',
      state: 'firing',
      out_of_order: true,
    });
    expect(await resolve('still-firing', { at: minute(6) })).toMatchObject({ state: 'resolved' });
  });

  it('ends the alert where the problem ended before the last emission was sent', async () => {
    await fire('lagging', { starts_at: minute(1), at: minute(5) });
    expect(await resolve('lagging', { ends_at: minute(4), at: minute(6) })).toMatchObject({ state: 'resolved' });
  });
});

describe('an instant that lies in the future, because the clock of its sender was wrong', () => {
  const ahead = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();

  it.each<[name: string, emission: Partial<EmissionInput>, resolution: Partial<EmissionInput>]>([
    ['at', { at: ahead(3_600) }, { at: ahead(0) }],
    ['starts_at', { starts_at: ahead(3_600) }, { ends_at: ahead(0) }],
  ])('does not keep an alert active after its resolution (%s)', async (name, emission, resolution) => {
    const id = `ahead-${name}`;
    await fire(id, emission);
    expect(await resolve(id, resolution)).toMatchObject({ state: 'resolved' });
    expect(await isActive(`monitor:${id}`)).toBe(false);
  });

  it.each<[name: string, resolution: Partial<EmissionInput>, emission: Partial<EmissionInput>]>([
    ['at', { at: ahead(3_600) }, { at: ahead(0) }],
    ['ends_at', { ends_at: ahead(3_600) }, { starts_at: ahead(0) }],
  ])('does not keep an alert from firing after its resolution (%s)', async (name, resolution, emission) => {
    const id = `ended-ahead-${name}`;
    await fire(id);
    await resolve(id, resolution);
    expect(await fire(id, emission)).toMatchObject({ state: 'firing' });
  });

  it('still decides the order if it lies less than a minute ahead, as of a clock that is a little fast', async () => {
    const [before, sent, after] = [ahead(30), ahead(40), ahead(50)];
    await fire('a-little-fast', { at: sent });
    expect(await resolve('a-little-fast', { at: before })).toMatchObject({ state: 'firing', out_of_order: true });
    expect(await resolve('a-little-fast', { at: after })).toMatchObject({ state: 'resolved' });
  });
});

it('a resolution that arrives while its emission is being delivered ends the alert', async () => {
  const id = 'at-once';
  const both = await Promise.all([
    one.aggregator.ingest('racing', [{ alert_id: id, severity: 'P3', status: 'firing', title: 'x', at: minute(1) }]),
    one.aggregator.ingest('racing', [{ alert_id: id, severity: 'P3', status: 'resolved', title: 'x', at: minute(2) }]),
  ]);
  expect(both.map(({ accepted }) => accepted)).toEqual([1, 1]);
  expect(await isActive(`racing:${id}`)).toBe(false);
});

describe('an emission that was stored, while the end that its resolution brought about was not', () => {
  /** As if this resolution had arrived while an emission of the id was being delivered. */
  const recorded = (id: string, sentAt: string | null) =>
    environment.pool.query(
      "insert into alert_resolutions (alert_key, alert_id, sent_at, was_active) values ('monitor:' || $1::text, $1, $2, false)",
      [id, sentAt],
    );

  it.each<[name: string, times: Partial<EmissionInput>, resolvedAt: string | null]>([
    ['timed', { at: minute(2) }, minute(3)],
    ['untimed', {}, null],
  ])('ends the alert when it is sent again (%s)', async (name, times, resolvedAt) => {
    const id = `cut-${name}`;
    await fire(id, times);
    await recorded(id, resolvedAt);
    expect(await fire(id, times)).toMatchObject({ state: 'resolved', out_of_order: true });
    expect(await isActive(`monitor:${id}`)).toBe(false);
  });

  it('leaves an alert alone of which the sender has sent something newer', async () => {
    await fire('newer', { at: minute(4) });
    await recorded('newer', minute(3));
    expect(await fire('newer', { at: minute(2) })).toMatchObject({ out_of_order: true });
    expect(await isActive('monitor:newer')).toBe(true);
  });

  it('ends the alert as soon as another transaction no longer holds it', async () => {
    await fire('held');
    const holder = await environment.pool.connect();
    await holder.query('begin; set local idle_in_transaction_session_timeout = 0');
    await holder.query("select from actors where id = 'alert:monitor:held' for update");
    const end: Message = { to: 'alert:monitor:held', event: { type: 'RESOLVED', alertId: 'held', reason: null } };
    const ended = await endMissed(
      { resolutions: { missedEnds: async () => [end] }, deliver: one.deliver, leave: leaveFor(environment.pool) },
      { judgement: {} as Judgement, delivered: [] },
    );
    await holder.query('rollback');
    holder.release();
    expect(ended).toEqual({ delivered: [], unsure: new Set(), cause: null });
    await eventually(async () => expect(await isActive('monitor:held')).toBe(false));
  });

  it('is named to be sent again where it could not be read which resolutions arrived', async () => {
    const locked = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
    const [before, snapshot] = [false, true].map((active) => ({ context: { active } }));
    const opened = { message: { to: 'alert:monitor:unread', event: { type: 'EMITTED' } }, before, snapshot };
    const ended = await endMissed(
      { resolutions: { missedEnds: () => Promise.reject(locked) }, deliver: one.deliver, leave: async () => undefined },
      { judgement: {} as Judgement, delivered: [opened as unknown as Delivered] },
    );
    expect(ended).toEqual({ delivered: [], unsure: new Set(['alert:monitor:unread']), cause: locked });
  });
});
