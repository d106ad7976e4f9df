import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertKeyOf, outageAlertId, outageAlertKeySql, POLLER_SOURCE } from '../../src/alerts/emission.ts';
import * as answers from '../../src/http/schemas/answers.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { readStatusGrid, surfaceStory } from '../../src/surfaces/statusGrid.ts';
import { createFilingStore } from '../../src/tickets/filingStore.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';
import { trustedClock } from '../support/trustedClock.ts';

let reading: ManualEnvironment;
beforeEach(async () => {
  reading = await startManualEnvironment();
});
afterEach(() => reading.drop());

const INTERVAL = { pollIntervalSeconds: 30 };
const look = () => readStatusGrid(reading.pool, INTERVAL);
const tile = async (id: string) => (await readStatusGrid(reading.pool, { ...INTERVAL, surfaceId: id })).surfaces[0];
const story = (id: string) => surfaceStory(reading.pool, id, { ...INTERVAL, silentAfterSeconds: {} });

const maintain = (id: string) =>
  reading.deliver([
    {
      to: `surface:${id}`,
      event: {
        type: 'MAINTENANCE_SET',
        until: '2999-01-01T00:00:00.000Z',
        reason: 'new disks',
        by: 'mia',
      },
    },
  ]);

/** A click on a degraded surface that ends with this ticket. */
async function investigated(id: string, ticketId: number): Promise<void> {
  await reading.click(id);
  await reading.file(`surface:${id}`, ticketId);
}

describe('the grid', () => {
  it('is empty without surfaces', async () => {
    const empty = await look();
    expect(empty).toMatchObject({ surfaces: [], recovered_with_open_ticket: 0 });
    expect(empty.counts).toEqual({ OPERATIONAL: 0, DEGRADED: 0, DOWN: 0, MAINTENANCE: 0, UNKNOWN: 0 });
    expect(Date.parse(empty.generated_at)).not.toBeNaN();
  });

  it('shows every surface of the file in its order, and counts each status', async () => {
    await reading.surfaces({ id: 'web', group: 'Shop' }, { id: 'api' }, { id: 'db' }, { id: 'mail' }, { id: 'new' });
    await reading.check('web', 'up');
    await reading.check('api', 'slow');
    await reading.check('db', 'down');
    await maintain('mail');
    const { surfaces, counts } = await look();
    expect(surfaces.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'web OPERATIONAL',
      'api DEGRADED',
      'db DOWN',
      'mail MAINTENANCE',
      'new UNKNOWN',
    ]);
    expect(counts).toEqual({ OPERATIONAL: 1, DEGRADED: 1, DOWN: 1, MAINTENANCE: 1, UNKNOWN: 1 });
    expect(surfaces[0]).toMatchObject({ name: 'Surface web', group: 'Shop' });
    expect(surfaces[2]?.last_check).toEqual({
      at: expect.any(String),
      latency_ms: 12,
      error: 'HTTP 500, expected 200 to 299',
    });
  });

  it('has exactly the fields that the API promises', async () => {
    await reading.surfaces({ id: 'web' }, { id: 'new' });
    await reading.check('web', 'down');
    await investigated('web', 7);
    const shown = await look();
    expect(answers.board.parse(shown)).toEqual(shown);
  });

  it('says that a surface is unstable, also while its last check was good', async () => {
    await reading.surfaces({ id: 'web' });
    const own = { failuresToOpen: 2, successesToClose: 2, unstableWindow: 4 };
    for (const outcome of ['up', 'down', 'up', 'down', 'up'] as const) {
      await reading.check('web', outcome, 0, null, own);
    }
    expect(await tile('web')).toMatchObject({
      status: 'DEGRADED',
      last_check: { error: 'unstable: at least half of the last 4 checks failed' },
    });
  });

  it('leaves out surfaces that were removed from the file', async () => {
    await reading.surfaces({ id: 'web' }, { id: 'gone' });
    await reading.surfaces({ id: 'web' });
    expect((await look()).surfaces.map(({ id }) => id)).toEqual(['web']);
  });

  it('shows since when the status is confirmed or the maintenance lasts', async () => {
    await reading.surfaces({ id: 'web' }, { id: 'new' });
    await reading.check('web', 'down');
    const down = await tile('web');
    await reading.check('web', 'down');
    expect((await tile('web'))?.since).toBe(down?.since);
    await maintain('web');
    expect(Date.parse((await tile('web'))?.since ?? '')).toBeGreaterThan(Date.parse(down?.since ?? ''));
    expect(await tile('new')).toMatchObject({ status: 'UNKNOWN', since: null, last_check: null });
  });
});

describe('a status without recent checks', () => {
  it('is UNKNOWN once checks are later than three intervals and 30 s', async () => {
    await reading.surfaces({ id: 'fresh' }, { id: 'late' });
    await reading.check('fresh', 'up', 100);
    await reading.check('late', 'up', 125);
    expect((await tile('fresh'))?.status).toBe('OPERATIONAL');
    const late = await tile('late');
    expect(late?.status).toBe('UNKNOWN');
    expect(Date.parse(late?.since ?? '') - Date.parse(late?.last_check?.at ?? '')).toBe(120_000);
  });

  it('stays MAINTENANCE during maintenance', async () => {
    await reading.surfaces({ id: 'web' });
    await reading.check('web', 'down', 500);
    await maintain('web');
    expect((await tile('web'))?.status).toBe('MAINTENANCE');
  });

  it('is UNKNOWN while the actor is parked and counts no checks', async () => {
    await reading.surfaces({ id: 'web' });
    await reading.check('web', 'up');
    await reading.pool.query("update actors set parked = 'event CHECKED failed' where id = 'surface:web'");
    expect((await tile('web'))?.status).toBe('UNKNOWN');
  });
});

describe('the ticket on a tile', () => {
  it('is the newest open one, from clicks and alerts', async () => {
    await reading.surfaces({ id: 'web' });
    await reading.check('web', 'down');
    await investigated('web', 11);
    expect((await tile('web'))?.ticket).toEqual({
      id: 11,
      url: 'https://desk.example/conversation/11',
      filed_at: expect.any(String),
      status: 'active',
      assignee: null,
      last_reply_at: null,
      looked_at: expect.any(String),
      shared_with: null,
    });
    await reading.emit('prober:web', { surfaceId: 'web' });
    await reading.file('alert:prober:web', 12);
    expect((await tile('web'))?.ticket?.id).toBe(12);
    await reading.setTicketStatus(12, 'closed');
    expect((await tile('web'))?.ticket?.id).toBe(11);
    await reading.setTicketStatus(11, 'pending');
    expect((await tile('web'))?.ticket?.id).toBe(11);
    await reading.setTicketStatus(11, 'gone');
    expect((await tile('web'))?.ticket).toBeNull();
  });

  it('is never one of another surface', async () => {
    await reading.surfaces({ id: 'web' }, { id: 'web-2' });
    await reading.check('web', 'down');
    await investigated('web', 11);
    expect((await tile('web-2'))?.ticket).toBeNull();
  });

  it('is marked and counted when a click filed it and the surface has recovered', async () => {
    await reading.surfaces({ id: 'clicked' }, { id: 'alerted' });
    await reading.check('clicked', 'down');
    await investigated('clicked', 11);
    await reading.emit('prober:alerted', { surfaceId: 'alerted' });
    await reading.file('alert:prober:alerted', 12);
    expect((await look()).recovered_with_open_ticket).toBe(0);
    await reading.check('clicked', 'up');
    await reading.check('alerted', 'up');
    const recovered = await look();
    expect(recovered.surfaces.map((each) => each.recovered_ticket_open)).toEqual([true, false]);
    expect(recovered.recovered_with_open_ticket).toBe(1);
    await reading.setTicketStatus(11, 'closed');
    expect((await look()).recovered_with_open_ticket).toBe(0);
  });

  it('stays marked when an alert filed a newer one', async () => {
    await reading.surfaces({ id: 'web' });
    await reading.check('web', 'down');
    await investigated('web', 11);
    await reading.emit('prober:web', { surfaceId: 'web' });
    await reading.file('alert:prober:web', 12);
    await reading.check('web', 'up');
    expect(await tile('web')).toMatchObject({ ticket: { id: 12 }, recovered_ticket_open: true });
  });
});

describe('the tickets of one outage and of the next', () => {
  /** The actor of the alert that the checks of the surface raised last. */
  async function ownAlert(): Promise<string> {
    const { rows } = await reading.pool.query(
      "select id from actors where id like 'alert:status_poller:%' order by created_at desc, updated_at desc limit 1",
    );
    return rows[0]?.id ?? '';
  }

  it('every open ticket of a recovered surface is counted and listed, from alerts and clicks', async () => {
    await reading.surfaces({ id: 'web' });
    await reading.check('web', 'down', 0, 'P1');
    await reading.file(await ownAlert(), 6);
    expect(await tile('web')).toMatchObject({ ticket: { id: 6 }, earlier_tickets: [], recovered_ticket_open: false });
    await investigated('web', 7);
    await reading.check('web', 'up', 0, 'P1');
    const recovered = await look();
    expect(recovered.surfaces[0]).toMatchObject({
      ticket: null,
      no_ticket_reason: null,
      earlier_tickets: [{ id: 7 }, { id: 6 }],
      recovered_ticket_open: true,
      recovered_ticket: { id: 7 },
    });
    expect(recovered.recovered_with_open_ticket).toBe(2);
    await reading.setTicketStatus(7, 'closed');
    expect((await look()).recovered_with_open_ticket).toBe(1);
  });

  it('the umbrella ticket of a storm is counted once when its surfaces have recovered', async () => {
    await reading.surfaces({ id: 'web' }, { id: 'api' });
    for (const id of ['web', 'api']) {
      await reading.check(id, 'down', 0, 'P1');
      await reading.answer(await ownAlert(), 'file', { outcome: 'refused', reason: 'storm' });
      await reading.empty('umbrella:status_poller');
    }
    await reading.file('umbrella:status_poller', 50);
    expect((await look()).surfaces.map(({ ticket }) => ticket?.id)).toEqual([50, 50]);
    for (const id of ['web', 'api']) await reading.check(id, 'up', 0, 'P1');
    const recovered = await look();
    expect(recovered.surfaces.map((each) => each.earlier_tickets.map(({ id }) => id))).toEqual([[50], [50]]);
    expect(recovered.recovered_with_open_ticket).toBe(1);
  });

  it('a tile shows the ticket of the present outage or why there is none, and tickets of earlier outages apart', async () => {
    await reading.surfaces({ id: 'web' });
    await reading.check('web', 'down', 0, 'P1');
    await reading.file(await ownAlert(), 6);
    await reading.check('web', 'up', 0, 'P1');
    await reading.check('web', 'down', 0, 'P1');
    const next = { ticket: null, earlier_tickets: [{ id: 6 }] };
    expect(await tile('web')).toMatchObject({ ...next, no_ticket_reason: 'filing' });
    await reading.file(await ownAlert(), 8);
    expect(await tile('web')).toMatchObject({ ...next, ticket: { id: 8 }, no_ticket_reason: null });
    await reading.setTicketStatus(8, 'closed');
    expect(await tile('web')).toMatchObject({ ...next, no_ticket_reason: 'closed' });
    const { outages } = (await story('web')) ?? {};
    expect(outages?.map(({ tickets }) => tickets)).toEqual([[8], [6]]);
  });

  it('a tile says that an outage of low severity files no ticket, and that a status without severity raises no alert', async () => {
    await reading.surfaces({ id: 'low' }, { id: 'none' }, { id: 'well' });
    await reading.check('low', 'slow', 0, 'P3');
    await reading.check('none', 'slow');
    await reading.check('well', 'up');
    const { surfaces } = await look();
    expect(surfaces.map((each) => each.no_ticket_reason)).toEqual(['below_threshold', 'no_alert', null]);
    // The database derives the key of the alert as the program does.
    const outage = ['web', '2026-05-05T12:00:00.123Z'] as const;
    const { rows } = await reading.pool.query(`select ${outageAlertKeySql('$1::text', '$2::text')} as key`, [
      ...outage,
    ]);
    expect(rows).toEqual([{ key: alertKeyOf(POLLER_SOURCE, outageAlertId(...outage)) }]);
  });

  it('a ticket that a click gets again in a later outage belongs to that outage too', async () => {
    await reading.surfaces({ id: 'web' });
    await reading.check('web', 'down');
    await investigated('web', 7);
    await reading.check('web', 'up');
    await reading.check('web', 'down');
    expect(await tile('web')).toMatchObject({ ticket: null, earlier_tickets: [{ id: 7 }] });
    await createFilingStore(reading.pool, trustedClock).recordReuse(7);
    expect(await tile('web')).toMatchObject({ ticket: { id: 7 }, earlier_tickets: [] });
    expect((await story('web'))?.outages.map(({ tickets }) => tickets)).toEqual([[7], [7]]);
  });
});

/** An alert about this surface that exceeds the storm limit and joins the umbrella. */
async function stormed(alertKey: string, surfaceId: string | null): Promise<void> {
  await reading.emit(alertKey, { surfaceId });
  await reading.answer(`alert:${alertKey}`, 'file', { outcome: 'refused', reason: 'storm' });
  await reading.empty(`umbrella:${alertKey.split(':')[0]}`);
}

async function resolved(alertKey: string): Promise<void> {
  await reading.resolve(alertKey);
  await reading.empty(`umbrella:${alertKey.split(':')[0]}`);
}

describe('the umbrella ticket of a storm', () => {
  beforeEach(async () => {
    await reading.surfaces({ id: 'web' }, { id: 'api' }, { id: 'calm' });
    await stormed('prober:web', 'web');
    await stormed('prober:api', 'api');
    await stormed('prober:disk', null);
  });

  it('is on the tile of each surface with an alert on it, with the number of other alerts', async () => {
    expect((await tile('web'))?.ticket).toBeNull();
    await reading.file('umbrella:prober', 50);
    const shared = { id: 50, url: 'https://desk.example/conversation/50', status: 'active', shared_with: 2 };
    const { surfaces } = await look();
    expect(surfaces.map(({ id, ticket }) => [id, ticket])).toEqual([
      ['web', expect.objectContaining(shared)],
      ['api', expect.objectContaining(shared)],
      ['calm', null],
    ]);
    expect((await tile('api'))?.ticket).toEqual(surfaces[1]?.ticket);
  });

  it('is shown for an alert that joins later, before it is listed on the ticket', async () => {
    await reading.file('umbrella:prober', 50);
    await stormed('prober:late', 'calm');
    expect((await tile('calm'))?.ticket).toMatchObject({ id: 50, shared_with: 3 });
    expect((await tile('web'))?.ticket).toMatchObject({ id: 50, shared_with: 3 });
    await resolved('prober:late');
    expect(await tile('calm')).toMatchObject({ ticket: null });
    expect((await story('calm'))?.tickets).toEqual([]);
  });

  it('leaves the tile when the alert has ended or the ticket is closed, and stays on the page of the surface', async () => {
    await reading.file('umbrella:prober', 50);
    await resolved('prober:web');
    expect((await tile('web'))?.ticket).toBeNull();
    expect((await tile('api'))?.ticket?.id).toBe(50);
    await reading.setTicketStatus(50, 'closed');
    expect((await tile('api'))?.ticket).toBeNull();
    for (const id of ['web', 'api']) {
      expect((await story(id))?.tickets).toMatchObject([
        { id: 50, path: 'umbrella', status: 'closed', shared_with: 2 },
      ]);
    }
  });

  it('is listed among the tickets of each surface, with the time at which its alert joined', async () => {
    await reading.check('web', 'down');
    await investigated('web', 11);
    await reading.file('umbrella:prober', 50);
    const told = await story('web');
    expect(answers.surfaceStory.parse(told)).toEqual(told);
    expect(told).toMatchObject({
      ticket: { id: 50 },
      tickets: [
        { id: 50, path: 'umbrella', subject: expect.stringMatching(/STORM: many alerts from prober/) },
        { id: 11, path: 'investigate', joined_at: null, shared_with: null },
      ],
      alerts: [{ alert_key: 'prober:web', ticket: { id: 50, shared_with: 2 }, no_ticket_reason: null }],
    });
    expect(Date.parse(told?.tickets[0]?.joined_at ?? '')).toBeLessThan(Date.parse(told?.tickets[0]?.filed_at ?? ''));
  });

  it('is replaced on the tile by a newer ticket of the surface itself', async () => {
    await reading.file('umbrella:prober', 50);
    await reading.check('web', 'down');
    await investigated('web', 51);
    expect((await tile('web'))?.ticket).toMatchObject({ id: 51, shared_with: null });
    expect(await tile('web')).toMatchObject({ recovered_ticket_open: false });
  });

  it('is also shown for storms that began before this release', async () => {
    await reading.file('umbrella:prober', 50);
    await stormed('prober:late', 'calm');
    const members = async () =>
      (
        await reading.pool.query(
          'select filing_id, alert_key, episode, surface_id from umbrella_members order by alert_key',
        )
      ).rows;
    const before = await members();
    expect(before).toHaveLength(4);
    await reading.pool.query('delete from umbrella_members');
    const migration = await readFile(join(packageRoot, 'src/db/migrations/0013_umbrella_members.sql'), 'utf8');
    await reading.pool.query(
      migration.slice(migration.indexOf('insert into'), migration.indexOf('create index actors')),
    );
    expect(await members()).toEqual(before);
  });
});

describe('the page of a surface', () => {
  it('has tickets, alerts, checks and history, newest first', async () => {
    await reading.surfaces({ id: 'web', url: 'https://web.example/healthz' }, { id: 'api' });
    await reading.check('web', 'up', 60);
    await reading.check('web', 'down');
    await investigated('web', 11);
    await reading.emit('prober:web', { surfaceId: 'web', title: 'Web is slow' });
    await reading.emit('prober:api', { surfaceId: 'api' });
    await reading.file('alert:prober:web', 12);
    await reading.setTicketStatus(11, 'closed');
    const told = await story('web');
    expect(answers.surfaceStory.parse(told)).toEqual(told);
    expect(told).toMatchObject({ id: 'web', status: 'DOWN', url: 'https://web.example/healthz', maintenance: null });
    expect(told?.tickets).toMatchObject([
      { id: 12, path: 'alert', status: 'active', subject: expect.stringMatching(/^\[AT-\w{10}\] P1: Web is slow/) },
      {
        id: 11,
        path: 'investigate',
        status: 'closed',
        subject: expect.stringMatching(/\] DOWN: Surface web \(web\)$/),
      },
    ]);
    expect(told?.alerts).toMatchObject([{ alert_key: 'prober:web', ticket: { id: 12 } }]);
    expect(told?.checks.map(({ outcome }) => outcome)).toEqual(['down', 'up']);
    expect(told?.history.map(({ event }) => event)).toEqual(['done file', 'INVESTIGATE', 'CHECKED', 'CHECKED']);
  });

  it('shows no marker for an adopted ticket', async () => {
    await reading.surfaces({ id: 'web' });
    await reading.check('web', 'down');
    await investigated('web', 11);
    await reading.pool.query('update filings set adopted = true');
    expect((await story('web'))?.tickets[0]?.subject).toBe('DOWN: Surface web (web)');
  });

  it('shows reason, end and author of a maintenance', async () => {
    await reading.surfaces({ id: 'web' });
    await maintain('web');
    const maintenance = { until: '2999-01-01T00:00:00.000Z', reason: 'new disks', by: 'mia' };
    expect((await story('web'))?.maintenance).toEqual(maintenance);
    expect((await tile('web'))?.maintenance).toEqual(maintenance);
  });

  it('has at most fifty entries in each list', async () => {
    await reading.surfaces({ id: 'web' });
    for (let n = 0; n < 60; n++) await reading.check('web', n % 2 === 0 ? 'up' : 'down');
    const told = await story('web');
    expect(told?.checks).toHaveLength(50);
    expect(told?.history).toHaveLength(50);
  });

  it.each(['nobody', '', 'web\0', "' or true --"])('does not exist for %j', async (id) => {
    await reading.surfaces({ id: 'web' });
    expect(await story(id)).toBeNull();
  });
});
