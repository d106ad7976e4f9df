import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegistry } from '../../src/actors/registry.ts';
import { machines, registry } from '../../src/app/machineRegistry.ts';
import { listDeadLetters } from '../../src/deadLetters/deadLetterList.ts';
import * as answers from '../../src/http/schemas/answers.ts';
import { createChart } from '../../src/inspect/chart.ts';
import { actorDetail, listActors } from '../../src/inspect/inspect.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

let reading: ManualEnvironment;
/** The same, and no test adds an actor to it. */
let listed: ManualEnvironment;
beforeAll(async () => {
  [reading, listed] = await Promise.all([startWithActors(), startWithActors()]);
});
afterAll(() => Promise.all([reading.drop(), listed.drop()]));

async function startWithActors(): Promise<ManualEnvironment> {
  const environment = await startManualEnvironment();
  await environment.check('web', 'down');
  await environment.check('api', 'up');
  await environment.emit('prober:1');
  await environment.emit('prober:2', { severity: 'P3' });
  await environment.emit('prober:3');
  await environment.file('alert:prober:3', 31);
  return environment;
}

const chart = createChart();
const detail = (id: string, known = registry) => actorDetail(reading.pool, { registry: known, chart }, id);
const list = (query: Partial<Parameters<typeof listActors>[1]> = {}, { pool } = listed) =>
  listActors(pool, { limit: 50, ...query });
const ids = async (query: Partial<Parameters<typeof listActors>[1]>, environment = listed) =>
  (await list(query, environment)).rows.map(({ id }) => id);

describe('the list of actors', () => {
  it('shows who moved last first, with exactly the fields that the API promises', async () => {
    const page = await list();
    expect(answers.actors.parse(page)).toEqual(page);
    expect(page.rows.map(({ id }) => id)).toEqual([
      'alert:prober:3',
      'alert:prober:2',
      'alert:prober:1',
      'surface:api',
      'surface:web',
    ]);
  });

  it('shows one kind only', async () => {
    expect(await ids({ kind: 'surface' })).toEqual(['surface:api', 'surface:web']);
    expect(await ids({ kind: 'nothing' })).toEqual([]);
  });

  it.each([
    ['ticketed', ['alert:prober:3']],
    ['ticket.ticketed', ['alert:prober:3']],
    ['outage', ['surface:web']],
    ['outage.down', ['surface:web']],
    ['health.outage.down', ['surface:web']],
    ['health.down', []],
    ['ticketed.ticket', []],
    ['ticket', ['alert:prober:3', 'alert:prober:2', 'alert:prober:1']],
    ['tick', []],
    ['a"b.$\\', []],
    ['\ud800', []],
  ])('finds those in state %s', async (state, found) => {
    expect(await ids({ state })).toEqual(found);
  });

  it('finds text in the id, in any case, and takes every sign for what it is', async () => {
    expect(await ids({ q: 'PROBER:1' })).toEqual(['alert:prober:1']);
    expect(await ids({ q: '%' })).toEqual([]);
  });

  it('goes on where a page ended', async () => {
    const first = await list({ limit: 3 });
    const second = await list({ limit: 3, cursor: first.next_cursor ?? '' });
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(await ids({}));
    expect(second.next_cursor).toBeNull();
  });

  it.each([
    ['cursor', { cursor: 'x' }],
    ['q', { q: '\0' }],
  ])('refuses a query that cannot be meant, naming %s', async (field, query) => {
    await expect(list(query)).rejects.toMatchObject({ code: 'invalid_field', field });
  });
});

describe('one actor', () => {
  it('is shown with everything that the API promises', async () => {
    const shown = await detail('alert:prober:1');
    if (!shown) throw new Error('not found');
    const { chart_svg, ...json } = shown;
    expect(answers.actor.parse(json)).toEqual(json);
    expect(json).toMatchObject({ id: 'alert:prober:1', kind: 'alert', machine: 'alert', parked: null });
    expect(json.context).toMatchObject({ alertKey: 'prober:1', active: true });
    expect(json.effects.map(({ src, status, attempts }) => ({ src, status, attempts }))).toEqual(
      expect.arrayContaining([
        { src: 'fileTicket', status: 'pending', attempts: 0 },
        { src: 'sendDm', status: 'pending', attempts: 0 },
      ]),
    );
    expect(json.history).toMatchObject([{ event: 'EMITTED', from: null, to: { life: 'firing' } }]);
    expect(chart_svg).toMatch(/class="state atomic current" data-state="life\.firing"/);
  });

  it('tells which events may change something, in words, without those that it raises for itself', async () => {
    const events = (await detail('alert:prober:1'))?.next_events;
    expect(events).toEqual(expect.arrayContaining(['EMITTED', 'RESOLVED', 'done file', 'error file', 'done dm']));
    for (const internal of ['', 'OPENED', 'ENDED', 'ESCALATED', 'TRY']) expect(events).not.toContain(internal);
  });

  it('tells which timers run, and what they will be', async () => {
    for (let n = 0; n < 3; n++) {
      await reading.emit('prober:flap');
      await reading.resolve('prober:flap');
    }
    const shown = await detail('alert:prober:flap');
    const timer = shown?.timers.find(({ event }) => event === 'after flapWindow');
    expect(Date.parse(timer?.due_at ?? '') - Date.parse(shown?.history[0]?.at ?? '')).toBe(600_000);
    expect(shown?.next_events).toContain('after flapWindow');
  });

  it('shows the last hundred events and fifty effects', async () => {
    for (let n = 0; n < 60; n++) {
      await reading.check('busy', 'down');
      await reading.check('busy', 'up');
    }
    await reading.pool.query(
      `insert into effects (id, actor_id, child_id, src, input)
       select 'busy ' || n, 'surface:busy', 'chore', 'keepTicket', 'null' from generate_series(1, 60) n`,
    );
    const shown = await detail('surface:busy');
    expect(shown?.history).toHaveLength(100);
    expect(shown?.effects).toHaveLength(50);
    expect(shown?.history[0]).toMatchObject({ event: 'CHECKED', to: { health: 'operational' } });
  });

  it.each(['alert:nobody', 'nokind', '', 'a\0b'])('does not exist for %j', async (id) => {
    expect(await detail(id)).toBeNull();
  });
});

describe('an actor that this release cannot move', () => {
  const parked = async (alertKey: string, change: string) => {
    await reading.emit(alertKey);
    await reading.pool.query(`update actors set ${change} where id = $1`, [`alert:${alertKey}`]);
    return detail(`alert:${alertKey}`);
  };

  it('says that it is parked, and why, and takes nothing', async () => {
    const shown = await parked('stuck:1', "parked = 'event EMITTED failed: boom'");
    expect(shown).toMatchObject({ parked: 'event EMITTED failed: boom', next_events: [] });
    expect(shown?.history).toHaveLength(1);
    expect(shown?.chart_svg).toContain('<svg');
    expect(await ids({ state: 'parked' }, reading)).toEqual(['alert:stuck:1']);
  });

  it.each([
    ['with a snapshot of a newer release', 'version = 99'],
    ['with a snapshot of an age that nobody remembers', 'version = -1'],
    [
      'with a state that is no more',
      `state = '{"life":"gone"}', snapshot = jsonb_set(snapshot, '{value}', '{"life":"gone"}')`,
    ],
    ['with a snapshot that is none', "snapshot = '{}'"],
  ])('is shown all the same %s', async (what, change) => {
    const shown = await parked(`odd:${what}`, change);
    expect(shown).toMatchObject({ machine: 'alert', next_events: [] });
    expect(shown?.history).toHaveLength(1);
    expect(shown?.chart_svg).toContain('<svg');
  });

  it('is shown without a picture where its machine is unknown here', async () => {
    const fewer = createRegistry(machines.filter(({ kind }) => kind !== 'surface'));
    expect(await detail('surface:web', fewer)).toMatchObject({ machine: 'surface', next_events: [], chart_svg: '' });
  });
});

describe('the dead letters', () => {
  it('are the effects that were given up, the latest first, page by page', async () => {
    await reading.pool.query(
      `insert into effects (id, actor_id, child_id, src, input, status, attempts, error, finished_at)
       select 'dead ' || n, 'alert:prober:1', 'dm', 'sendDm', '{"text":"hello"}', 'dead', n, '{"message":"no such user"}',
         now() - n * interval '1 minute'
       from generate_series(1, 5) n`,
    );
    const first = await listDeadLetters(reading.pool, { limit: 3 });
    expect(answers.deadLetters.parse(first)).toEqual(first);
    expect(first.rows[0]).toMatchObject({
      id: 'dead 1',
      actor_id: 'alert:prober:1',
      src: 'sendDm',
      input: { text: 'hello' },
      error: { message: 'no such user' },
      attempts: 1,
    });
    const second = await listDeadLetters(reading.pool, { limit: 3, cursor: first.next_cursor ?? '' });
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual([
      'dead 1',
      'dead 2',
      'dead 3',
      'dead 4',
      'dead 5',
    ]);
    expect(second.next_cursor).toBeNull();
  });

  it('have no page after one that never was', async () => {
    await expect(listDeadLetters(reading.pool, { limit: 3, cursor: 'e30' })).rejects.toMatchObject({ field: 'cursor' });
  });
});
