import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertsOfSurface, countActive, listAlerts } from '../../src/alerts/alertList.ts';
import * as answers from '../../src/http/schemas/answers.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

let reading: ManualEnvironment;
beforeAll(async () => {
  reading = await startManualEnvironment();
});
afterAll(() => reading.drop());

const list = (query: Partial<Parameters<typeof listAlerts>[1]> = {}) =>
  listAlerts(reading.pool, { limit: 50, silentAfterSeconds: { hush: 300 }, ...query });
const keys = async (query: Partial<Parameters<typeof listAlerts>[1]>) =>
  (await list(query)).rows.map((row) => row.alert_key);
/** A page, as the API answers it. */
const rows = answers.alerts.omit({ active: true });
const one = async (alertKey: string) => (await list({ q: alertKey })).rows.find((row) => row.alert_key === alertKey);
const seen = (alertKey: string, minutesAgo: number) =>
  reading.pool.query(
    "update alert_sightings set last_seen_at = clock_timestamp() - $2 * interval '1 minute' where alert_key = $1",
    [alertKey, minutesAgo],
  );

describe('an alert', () => {
  it('is shown with all facts from its sender', async () => {
    await reading.emit('disks:sda', {
      title: 'Disk sda is full',
      severity: 'P2',
      url: 'https://disks.example/sda',
      surfaceId: 'store',
    });
    const page = await list({ q: 'disks:sda' });
    expect(rows.parse(page)).toEqual(page);
    expect(page.rows[0]).toMatchObject({
      alert_key: 'disks:sda',
      source: 'disks',
      state: 'firing',
      severity: 'P2',
      title: 'Disk sda is full',
      surface_id: 'store',
      url: 'https://disks.example/sda',
      silent_since: null,
      collision: false,
      episode: 1,
    });
    expect(Date.parse(page.rows[0]?.last_seen_at ?? '')).not.toBeNaN();
  });

  it('shows the ticket of its present episode, and then no reason', async () => {
    await reading.emit('again:1');
    await reading.file('alert:again:1', 21);
    expect(await one('again:1')).toMatchObject({
      ticket: { id: 21, url: 'https://desk.example/conversation/21', status: 'active', assignee: null },
      no_ticket_reason: null,
    });
    await reading.setTicketStatus(21, 'gone');
    expect((await one('again:1'))?.ticket).toMatchObject({ id: 21, status: 'gone' });
    await reading.resolve('again:1');
    expect(await one('again:1')).toMatchObject({ state: 'resolved', episode: 1, ticket: { id: 21 } });
    await reading.emit('again:1');
    expect(await one('again:1')).toMatchObject({
      state: 'firing',
      episode: 2,
      ticket: null,
      no_ticket_reason: 'filing',
    });
    await reading.file('alert:again:1', 22);
    expect(await one('again:1')).toMatchObject({ episode: 2, ticket: { id: 22 } });
  });

  it('is flapping after too many episodes, and resolved only after a quiet window', async () => {
    for (let n = 0; n < 3; n++) {
      await reading.emit('flap:1');
      await reading.resolve('flap:1');
    }
    expect((await one('flap:1'))?.state).toBe('flapping');
  });

  it('shows that two ids share its key', async () => {
    await reading.emit('twins:1');
    expect((await one('twins:1'))?.collision).toBe(false);
    await reading.emit('twins:1', { alertId: 'another with the same beginning' });
    expect((await one('twins:1'))?.collision).toBe(true);
  });
});

it('an alert that an older release stored, or that is unreadable, does not break the list', async () => {
  for (const key of ['old:1', 'old:2', 'old:3']) await reading.emit(key);
  await reading.pool.query("update actors set snapshot = snapshot #- '{context,ids}' where id = 'alert:old:1'");
  await reading.pool.query("update actors set snapshot = '{}' where id = 'alert:old:2'");
  expect(await one('old:1')).toMatchObject({ state: 'firing', title: 'Disk is full', collision: false });
  const everything = await list({ limit: 200 });
  expect(rows.parse(everything)).toEqual(everything);
  expect(everything.rows.find((row) => row.alert_key === 'old:2')).toMatchObject({ source: 'old', state: 'resolved' });
  await reading.pool.query("delete from actors where id like 'alert:old:%'");
});

describe('the reason why there is no ticket', () => {
  it('is below_threshold for its severity', async () => {
    await reading.emit('why:low', { severity: 'P3' });
    expect((await one('why:low'))?.no_ticket_reason).toBe('below_threshold');
  });

  it('is flag_off while the flag is off', async () => {
    await reading.emit('why:flag', { held: 'flag_off' });
    expect((await one('why:flag'))?.no_ticket_reason).toBe('flag_off');
  });

  it('is filing while its ticket is being filed or looked up', async () => {
    await reading.emit('why:filing');
    expect((await one('why:filing'))?.no_ticket_reason).toBe('filing');
    await reading.answer('alert:why:filing', 'file', { outcome: 'doubt' });
    expect((await one('why:filing'))?.no_ticket_reason).toBe('filing');
  });

  it.each([
    ['storm', { outcome: 'refused', reason: 'storm' }],
    ['silent', { outcome: 'refused', reason: 'silent' }],
    ['flag_off', { outcome: 'refused', reason: 'flag_off' }],
    ['freescout_unavailable', { outcome: 'failed', problem: 'unavailable', own: false }],
  ])('is %s', async (reason, output) => {
    await reading.emit(`why:${reason}`);
    await reading.answer(`alert:why:${reason}`, 'file', output);
    expect((await one(`why:${reason}`))?.no_ticket_reason).toBe(reason);
    await reading.resolve(`why:${reason}`);
    expect(await one(`why:${reason}`)).toMatchObject({
      state: 'resolved',
      ticket: null,
      no_ticket_reason: expect.any(String),
    });
  });

  it('is rejected after the last try of its ticket', async () => {
    await reading.emit('why:rejected');
    await reading.fail('alert:why:rejected', 'file', { message: 'FreeScout rejects it (400).', problem: 'rejected' });
    expect((await one('why:rejected'))?.no_ticket_reason).toBe('rejected');
  });

  it('is storm until the umbrella ticket is filed, which the alert shows from then on', async () => {
    const stormed = async (key: string) => {
      await reading.emit(key);
      await reading.answer(`alert:${key}`, 'file', { outcome: 'refused', reason: 'storm' });
      await reading.empty('umbrella:gale');
    };
    for (const key of ['gale:1', 'gale:2', 'gale:3']) await stormed(key);
    expect(await one('gale:1')).toMatchObject({ ticket: null, no_ticket_reason: 'storm' });
    await reading.file('umbrella:gale', 77);
    const page = await list({ q: 'gale:' });
    expect(rows.parse(page)).toEqual(page);
    expect(
      page.rows.map(({ ticket, no_ticket_reason }) => [ticket?.id, ticket?.shared_with, no_ticket_reason]),
    ).toEqual(Array.from({ length: 3 }, () => [77, 2, null]));
    await reading.resolve('gale:1');
    await reading.empty('umbrella:gale');
    expect(await one('gale:1')).toMatchObject({ state: 'resolved', ticket: { id: 77 } });
    // The next episode is filed on its own.
    await reading.emit('gale:1');
    expect(await one('gale:1')).toMatchObject({ episode: 2, ticket: null, no_ticket_reason: 'filing' });
  });

  it('is no longer storm once the umbrella ticket was refused', async () => {
    await reading.emit('gust:1');
    await reading.answer('alert:gust:1', 'file', { outcome: 'refused', reason: 'storm' });
    await reading.empty('umbrella:gust');
    await reading.fail('umbrella:gust', 'file', { message: 'FreeScout rejects it (400).', problem: 'rejected' });
    const { rows } = await reading.pool.query("select from umbrella_members where alert_key = 'gust:1'");
    expect(rows).toEqual([]);
  });

  it('is resolved_before_filing for an alert that resolved first', async () => {
    await reading.emit('why:over');
    await reading.resolve('why:over');
    await reading.answer('alert:why:over', 'file', { outcome: 'refused', reason: 'withdrawn' });
    expect((await one('why:over'))?.no_ticket_reason).toBe('resolved_before_filing');
  });
});

describe('a sender', () => {
  it('is shown as silent after the time of its source without an emission', async () => {
    await reading.emit('hush:talks');
    await reading.emit('hush:fell-silent');
    await seen('hush:talks', 4);
    await seen('hush:fell-silent', 6);
    const silent = await one('hush:fell-silent');
    expect(silent?.silent_since).toBe(silent?.last_seen_at);
    expect(silent?.silent_since).not.toBeNull();
    expect((await one('hush:talks'))?.silent_since).toBeNull();
  });

  it('is not shown as silent before three checks of a surface that is checked rarely are missing', async () => {
    await reading.surfaces({ id: 'rare', interval_seconds: 600 }, { id: 'usual' });
    const silentAfterSeconds = { status_poller: 300 };
    const silent = async () =>
      (await list({ source: 'status_poller', silentAfterSeconds })).rows
        .filter(({ silent_since }) => silent_since !== null)
        .map(({ surface_id }) => surface_id);
    for (const surfaceId of ['rare', 'usual']) await reading.emit(`status_poller:${surfaceId}`, { surfaceId });
    for (const surfaceId of ['rare', 'usual']) await seen(`status_poller:${surfaceId}`, 6);
    expect(await silent()).toEqual(['usual']);
    await seen('status_poller:rare', 31);
    expect((await silent()).toSorted()).toEqual(['rare', 'usual']);
  });

  it('is never shown as silent where its source does not repeat', async () => {
    await reading.emit('once:long-ago');
    await seen('once:long-ago', 6_000);
    expect((await one('once:long-ago'))?.silent_since).toBeNull();
  });

  it('is not silent after it resolved all its alerts', async () => {
    await reading.emit('hush:resolved');
    await reading.resolve('hush:resolved');
    for (let n = 0; n < 3; n++) {
      await reading.emit('hush:calming');
      await reading.resolve('hush:calming');
    }
    await seen('hush:resolved', 90);
    await seen('hush:calming', 9);
    expect((await one('hush:resolved'))?.silent_since).toBeNull();
    expect(await one('hush:calming')).toMatchObject({ state: 'flapping', silent_since: null });
  });
});

describe('the list', () => {
  it('starts with active alerts, then the latest changes', async () => {
    for (const n of [1, 2, 3, 4]) await reading.emit(`order:${n}`);
    await reading.resolve('order:3');
    await reading.resolve('order:2');
    expect(await keys({ q: 'order:' })).toEqual(['order:4', 'order:1', 'order:2', 'order:3']);
  });

  it('continues where a page ended, through both parts, to its end', async () => {
    for (const n of [1, 2, 3, 4, 5]) await reading.emit(`pages:${n}`);
    for (const n of [2, 4]) await reading.resolve(`pages:${n}`);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ q: 'pages:', limit: 2, cursor });
      found.push(...page.rows.map((row) => row.alert_key));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(found).toEqual(['pages:5', 'pages:3', 'pages:1', 'pages:4', 'pages:2']);
  });

  it('finds literal text in key, title and surface, ignoring case', async () => {
    await reading.emit('find:100%_x', { title: 'Queue \\ grows', surfaceId: 'orders', surfaceName: 'Order desk' });
    await reading.emit('find:100 x');
    expect(await keys({ q: '100%_' })).toEqual(['find:100%_x']);
    expect(await keys({ q: 'qUEUE \\ g' })).toEqual(['find:100%_x']);
    expect(await keys({ q: 'ORDERS' })).toEqual(['find:100%_x']);
    expect(await keys({ q: 'order desk' })).toEqual(['find:100%_x']);
    expect(await keys({ q: 'nothing like it' })).toEqual([]);
  });

  it('shows one state only', async () => {
    await reading.emit('state:firing');
    await reading.emit('state:resolved');
    await reading.resolve('state:resolved');
    for (let n = 0; n < 3; n++) {
      await reading.emit('state:flapping');
      await reading.resolve('state:flapping');
    }
    for (const state of ['firing', 'flapping', 'resolved']) {
      expect(await keys({ q: 'state:', state })).toEqual([`state:${state}`]);
    }
  });

  it.each([
    ['state', { state: 'burning' }],
    ['state', { state: 'toString' }],
    ['q', { q: 'a\0b' }],
    ['cursor', { cursor: 'abc' }],
    ['cursor', { cursor: Buffer.from('["true","1"]').toString('base64url') }],
    ['cursor', { cursor: Buffer.from('["maybe","1","x"]').toString('base64url') }],
    ['cursor', { cursor: Buffer.from('["true","1","\\u0000"]').toString('base64url') }],
  ])('rejects an invalid query and names %s', async (field, query) => {
    await expect(list(query)).rejects.toMatchObject({ code: 'invalid_field', field });
  });
});

it('the list of a surface has only alerts of that surface', async () => {
  await reading.emit('surf:1', { surfaceId: 'cart' });
  await reading.emit('surf:2', { surfaceId: 'cart-2' });
  const alerts = await alertsOfSurface(reading.pool, 'cart', { limit: 50, silentAfterSeconds: {} });
  expect(alerts.map((row) => row.alert_key)).toEqual(['surf:1']);
});

it('the worst of the active alerts come first on every page, then those that are over', async () => {
  const before = await countActive(reading.pool);
  for (const [n, severity] of ['P3', 'P1', 'P2', 'P1'].entries()) await reading.emit(`ranked:${n}`, { severity });
  await reading.emit('ranked:over', { severity: 'P1' });
  await reading.resolve('ranked:over');
  expect(await keys({ source: 'ranked' })).toEqual(['ranked:3', 'ranked:1', 'ranked:2', 'ranked:0', 'ranked:over']);
  const first = await list({ source: 'ranked', limit: 2 });
  const second = await list({ source: 'ranked', limit: 2, cursor: first.next_cursor ?? '' });
  expect([...first.rows, ...second.rows].map((row) => row.alert_key)).toEqual([
    'ranked:3',
    'ranked:1',
    'ranked:2',
    'ranked:0',
  ]);
  expect(await keys({ source: 'ranked', severity: 'P2' })).toEqual(['ranked:2']);
  const active = await countActive(reading.pool);
  expect(active).toEqual({ P1: before.P1 + 2, P2: before.P2 + 1, P3: before.P3 + 1 });
});
