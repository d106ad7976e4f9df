import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  alertActor,
  CONNECTION_ACTOR,
  groupedMessageActor,
  HELPDESK_ACTOR,
  recipientActor,
  surfaceActor,
  umbrellaActor,
} from '../../../machines/shared/actorId.ts';
import {
  alertActorSql,
  groupedMessageActorSql,
  isSurfaceActorSql,
  messageIdSql,
  recipientActorSql,
  surfaceActorSql,
  surfaceIdSql,
  umbrellaActorSql,
} from '../../../src/actors/projections/actorId.ts';
import {
  ACTIVE,
  alertSql,
  hasSeverity,
  IS_ACTIVE,
  isOnUmbrella,
  isTicketState,
  RANK,
} from '../../../src/actors/projections/alert.ts';
import { childrenOf, hasUpdateFor, hasUpdateOf, namesFiling } from '../../../src/actors/projections/anyActor.ts';
import { IS_OFFLINE } from '../../../src/actors/projections/connection.ts';
import { isHelpdeskFailing } from '../../../src/actors/projections/helpdesk.ts';
import { contextOf } from '../../../src/actors/projections/projection.ts';
import {
  hasStatus,
  isFailing,
  isInMaintenance,
  isInOutage,
  isTroubled,
  outageSeverity,
  outageStep,
} from '../../../src/actors/projections/surface.ts';
import { initial, persist, step } from '../../../src/actors/step.ts';
import { registry } from '../../../src/app/machineRegistry.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = database.pool;
});
beforeEach(async () => {
  await pool.query('delete from actors');
});
afterAll(() => database.drop());

type Event = { type: string } & Record<string, unknown>;
const AT = '2026-05-05T14:32:17.000Z';

/** Stores what the actor is after these events, and returns its state value. */
async function lived(id: string, ...events: Event[]): Promise<Record<string, unknown>> {
  const entry = registry.of(id);
  const snapshot = events.reduce(
    (before, event) => step(entry, before, { ...event, at: AT } as never).snapshot,
    initial(entry, id),
  );
  await pool.query('insert into actors (id, kind, version, rev, state, snapshot) values ($1, $2, $3, 1, $4, $5)', [
    id,
    entry.kind,
    entry.version,
    JSON.stringify(snapshot.value),
    JSON.stringify(persist(entry, snapshot)),
  ]);
  return snapshot.value as Record<string, unknown>;
}

const idsWhere = async (condition: string): Promise<string[]> =>
  (await pool.query<{ id: string }>(`select id from actors a where ${condition} order by id`)).rows.map(({ id }) => id);

async function valuesOf(expression: string): Promise<unknown[]> {
  const { rows } = await pool.query<{ value: unknown }>(`select ${expression} as value from actors a order by id`);
  return rows.map(({ value }) => value);
}

const emitted = (severity: string, more: object = {}): Event => ({
  type: 'EMITTED',
  alertId: 'a',
  severity,
  title: 'Disk is full',
  details: null,
  url: null,
  surfaceId: 'api',
  surfaceName: 'API',
  held: null,
  under: [],
  flapMaxEpisodes: 5,
  flapWindowMs: 600_000,
  ...more,
});
const filingEnded = (output: object): Event => ({ type: 'xstate.done.actor.file', output });

describe('an alert in SQL', () => {
  const firing = alertActor('monitor:a');

  it('is active from its first emission until it resolves', async () => {
    await lived(firing, emitted('P1'));
    await lived(alertActor('monitor:b'), emitted('P1'), { type: 'RESOLVED', alertId: 'a', reason: null });
    expect(await idsWhere(IS_ACTIVE)).toEqual([firing]);
    expect(await valuesOf(ACTIVE)).toEqual([true, false]);
  });

  it('is on an umbrella once its filing was refused because of a storm', async () => {
    await lived(firing, emitted('P1'), filingEnded({ outcome: 'refused', reason: 'storm' }));
    await lived(alertActor('monitor:b'), emitted('P1'));
    expect(await idsWhere(isOnUmbrella())).toEqual([firing]);
  });

  it('is found by its severity', async () => {
    await lived(firing, emitted('P1'));
    await lived(alertActor('monitor:b'), emitted('P3'));
    expect(await idsWhere(hasSeverity(['P1', 'P2'], contextOf('a')))).toEqual([firing]);
  });

  it('shows a ticket state with children as that state', async () => {
    const filing = await lived(firing, emitted('P1'));
    const doubtful = await lived(alertActor('monitor:b'), emitted('P1'), filingEnded({ outcome: 'doubt' }));
    expect([isTicketState('filing', filing.ticket), isTicketState('doubtful', filing.ticket)]).toEqual([true, false]);
    expect([isTicketState('filing', doubtful.ticket), isTicketState('doubtful', doubtful.ticket)]).toEqual([
      false,
      true,
    ]);
    expect(await valuesOf(alertSql.region('ticket'))).toEqual([filing.ticket, doubtful.ticket]);
  });
});

describe('a surface in SQL', () => {
  const checked = (outcome: string, failuresToOpen = 1): Event => ({
    type: 'CHECKED',
    outcome,
    error: null,
    name: 'API',
    failuresToOpen,
    successesToClose: 1,
    severity: { degraded: 'P3', down: 'P1' },
  });

  it('shows its outage, its unconfirmed failure and its maintenance', async () => {
    await lived(surfaceActor('down'), checked('down'));
    await lived(surfaceActor('slow'), checked('slow'));
    await lived(surfaceActor('suspect'), checked('up'), checked('down', 2));
    await lived(surfaceActor('under'), checked('up'), {
      type: 'MAINTENANCE_SET',
      until: '2026-05-05T16:00:00.000Z',
      reason: 'upgrade',
      by: 'mia',
    });
    await lived(surfaceActor('up'), checked('up'));
    const [down, slow, suspect, under] = ['down', 'slow', 'suspect', 'under'].map(surfaceActor);
    expect(await idsWhere(isInOutage())).toEqual([down, slow]);
    expect(await idsWhere(isFailing())).toEqual([down, slow, suspect]);
    expect(await idsWhere(isInMaintenance())).toEqual([under]);
    expect(await idsWhere(isTroubled())).toEqual([down, slow, suspect, under]);
    expect(await valuesOf(outageStep('state'))).toEqual(['down', 'degraded', null, null, null]);
    expect(await idsWhere(hasStatus('DOWN'))).toEqual([down]);
    expect((await valuesOf(outageSeverity(contextOf()))).slice(0, 2)).toEqual(['P1', 'P3']);
  });
});

it('the help desk fails in SQL while its circuit breaker is open', async () => {
  expect(await isHelpdeskFailing(pool)).toBe(false);
  const failed = { type: 'FAILED', who: alertActor('monitor:a'), problem: 'unavailable' };
  await lived(HELPDESK_ACTOR, failed);
  expect(await isHelpdeskFailing(pool)).toBe(true);
  await pool.query('delete from actors');
  await lived(HELPDESK_ACTOR, failed, { type: 'SUCCEEDED' });
  expect(await isHelpdeskFailing(pool)).toBe(false);
});

it('the console is offline in SQL from the loss of its connection to its return', async () => {
  await lived(CONNECTION_ACTOR, { type: 'LOST', targets: 2 });
  expect(await idsWhere(IS_OFFLINE)).toEqual([CONNECTION_ACTOR]);
  await pool.query('delete from actors');
  await lived(CONNECTION_ACTOR, { type: 'LOST', targets: 2 }, { type: 'REACHED' });
  expect(await idsWhere(IS_OFFLINE)).toEqual([]);
});

it('an actor names a filing while the filing is under way', async () => {
  const id = alertActor('monitor:a');
  await lived(id, emitted('P1'));
  const { filing } = (await valuesOf(contextOf('a')))[0] as { filing: { filingId: string } };
  expect(await idsWhere(namesFiling('a', `'${filing.filingId}'`))).toEqual([id]);
  expect(await idsWhere(namesFiling('a', "'another'"))).toEqual([]);
  expect(await idsWhere(hasUpdateFor('a', `'${filing.filingId}'`))).toEqual([]);
  const children = await valuesOf(childrenOf('a'));
  expect(children).toEqual([{ dm: expect.anything(), file: expect.objectContaining({ src: 'fileTicket' }) }]);
});

it.each([alertActor('monitor:a'), umbrellaActor('monitor')])(
  '%s has a tag update for a ticket that was filed without tags',
  async (id) => {
    const member = { alertKey: 'monitor:a', severity: 'P1', title: 'Disk is full' };
    const first = id.startsWith(alertActor('')) ? emitted('P1') : { type: 'TICKET_MEMBER', member };
    const ticket = { id: 7, url: 'https://desk.example/7' };
    await lived(
      id,
      first,
      filingEnded({ outcome: 'filed', ticket, created: true, tagged: false, whileFailing: false }),
    );
    const { chores } = (await valuesOf(contextOf('a')))[0] as { chores: { filingId: string }[] };
    expect(await idsWhere(hasUpdateFor('a', `'${chores[0]?.filingId}'`))).toEqual([id]);
    expect(await idsWhere(hasUpdateFor('a', "'another'"))).toEqual([]);
    expect(await idsWhere(hasUpdateOf('a', '7'))).toEqual([id]);
    expect(await idsWhere(hasUpdateOf('a', '8'))).toEqual([]);
  },
);

it('SQL builds and takes apart actor ids as the machines do', async () => {
  const { rows } = await pool.query(
    `select ${surfaceActorSql("'api'")} as surface, ${alertActorSql("'monitor:a'")} as alert,
       ${recipientActorSql("'monitor:a'", "'C1'")} as recipient, ${recipientActorSql("'monitor:a'", 'null')} as person,
       ${umbrellaActorSql("'monitor'")} as umbrella, ${groupedMessageActorSql("'dm:1'")} as grouped,
       ${surfaceIdSql(`'${surfaceActor('api')}'`)} as id, ${messageIdSql(`'${groupedMessageActor('dm:1')}'`)} as message,
       ${isSurfaceActorSql(`'${surfaceActor('api')}'`)} as is, ${isSurfaceActorSql(`'${alertActor('m:a')}'`)} as is_not`,
  );
  expect(rows).toEqual([
    {
      ...{ surface: surfaceActor('api'), alert: alertActor('monitor:a'), id: 'api', is: true, is_not: false },
      ...{ recipient: recipientActor('monitor:a', 'C1'), person: recipientActor('monitor:a', null) },
      ...{ umbrella: umbrellaActor('monitor'), grouped: groupedMessageActor('dm:1'), message: 'dm:1' },
    },
  ]);
});

describe('an index that was made for a projection', () => {
  /** How Postgres runs the query if it may not read the whole table and has no other index than this. */
  async function planWith(index: string, query: string): Promise<string> {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('set local enable_seqscan = off');
      const { rows: others } = await client.query<{ indexname: string }>(
        "select indexname from pg_indexes where tablename = 'actors' and indexname not in ($1, 'actors_pkey')",
        [index],
      );
      for (const { indexname } of others) await client.query(`drop index ${indexname}`);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${query}`);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  it.each([
    ['actors_troubled', `select id from actors where kind = 'surface' and parked is null and ${isTroubled()}`],
    ['actors_stormed', `select id from actors where kind = 'alert' and ${isOnUmbrella()}`],
    [
      'actors_alerts_by_severity',
      `select id from actors a where kind = 'alert' order by ${ACTIVE} desc, ${RANK} desc, updated_at desc, id desc limit 5`,
    ],
    [
      'actors_alerts_by_surface',
      `select id from actors where kind = 'alert' and ${alertSql.text('surfaceId')} = 'api'`,
    ],
    ['actors_in_effect', `select id from actors a where ${childrenOf('a')} <> '{}'::jsonb order by id`],
  ])('%s is used', async (index, query) => {
    expect(await planWith(index, query)).toMatch(new RegExp(`Scan (using|on) ${index} `));
  });
});
