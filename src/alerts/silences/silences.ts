import type { ClientBase, Pool } from 'pg';
import { IS_ACTIVE, IS_SILENCED } from '../../actors/projections/alert.ts';
import { appendAudit } from '../../audit/auditLog.ts';
import { notifyConsole } from '../../db/channels.ts';
import { decodeCursor, instantOfMicros, MICROS, micros, pageOf } from '../../db/keyset.ts';
import { transaction } from '../../db/pool.ts';
import { storable, storableJson } from '../../db/storable.ts';
import { Problem } from '../../lib/problem.ts';
import type { PageOf } from '../../model/operations.ts';
import type { NewSilence, Silence, SilenceMatchers } from '../../model/silences.ts';
import { silenceIsActive } from './active.ts';
import { matches, type SilenceSubject } from './matching.ts';
import { SUBJECT_FIELDS } from './subjects.ts';

/** What operators do with silences. Each change is audited in its own transaction. */
export interface Silences {
  /** Throws Problem `too_many_silences` beyond {@link MAX_ACTIVE}. */
  create(silence: NewSilence, by: string): Promise<Silence>;
  /** Ends it early. Throws Problem `unknown_silence`, or `not_active` if it has ended already. */
  end(id: string, by: string): Promise<Silence>;
}

/** Each emission is compared with every active silence. */
const MAX_ACTIVE = 500;
const MAX_COUNTED = 1_000;

interface Row {
  id: number;
  matchers: SilenceMatchers;
  reason: string;
  created_at: Date;
  created_by: string;
  until: Date;
  ends_at: Date;
  ended_by: string | null;
  active: boolean;
  key: string;
}

export function createSilences(pool: Pool): Silences {
  return {
    create: ({ matchers, until, reason }, by) =>
      transaction(pool, async (client) => {
        const { rows } = await client.query<Row>(
          `insert into silences (matchers, reason, created_by, until, ends_at)
           select $1, $2, $3, $4, $4 where (select count(*) from silences where ${silenceIsActive()}) < ${MAX_ACTIVE}
           returning ${FIELDS}`,
          [storableJson(matchers), storable(reason), by, until],
        );
        const [row] = rows;
        if (!row) {
          throw new Problem(
            'too_many_silences',
            `There are ${MAX_ACTIVE} active silences. End one that you do not need.`,
          );
        }
        await announce(client, 'created', by, { ...facts(row), reason: row.reason });
        return shown(row, []);
      }),

    end: (id, by) =>
      transaction(pool, async (client) => {
        const found = await client.query<Row>(`select ${FIELDS} from silences where id = $1 for update`, [idOf(id)]);
        if (found.rows[0] === undefined) throw unknown(id);
        if (!found.rows[0].active) throw new Problem('not_active', `Silence ${id} has ended already.`);
        const { rows } = await client.query<Row>(
          `update silences set ends_at = clock_timestamp(), ended_by = $2 where id = $1 returning ${FIELDS}`,
          [id, by],
        );
        const row = { ...(rows[0] as Row), active: false };
        await announce(client, 'ended', by, facts(row));
        return shown(row, []);
      }),
  };
}

/** Active ones first, then from the one that ended last. */
export async function listSilences(
  from: Pick<Pool, 'query'>,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<PageOf<Silence>> {
  const after = cursor === undefined ? [] : decodeCursor(cursor, [MICROS, /\d{1,18}/]);
  const page = cursor === undefined ? '' : `where (ends_at, id) < (${instantOfMicros('$1')}, $2::bigint)`;
  const { rows } = await from.query<Row>(
    `select ${FIELDS} from silences ${page} order by ends_at desc, id desc limit ${limit + 1}`,
    after,
  );
  const silenced = rows.some(({ active }) => active) ? await silencedAlerts(from) : [];
  return pageOf(
    rows,
    limit,
    (row) => shown(row, silenced),
    ({ key, id }) => [key, String(id)],
  );
}

const FIELDS = `id, matchers, reason, created_at, created_by, until, ends_at, ended_by,
  ${silenceIsActive('clock_timestamp()')} as active, ${micros('ends_at')} as key`;

const SILENCED = `
  select ${SUBJECT_FIELDS} from actors a
  where a.kind = 'alert' and ${IS_ACTIVE} and ${IS_SILENCED} order by a.id limit ${MAX_COUNTED}`;

async function silencedAlerts(from: Pick<Pool, 'query'>): Promise<SilenceSubject[]> {
  return (await from.query<SilenceSubject>(SILENCED)).rows;
}

/** Ids are numbers; a text that is none names no silence. */
function idOf(id: string): string {
  if (!/^\d{1,18}$/.test(id)) throw unknown(id);
  return id;
}

const unknown = (id: string): Problem => new Problem('unknown_silence', `There is no silence ${id}.`);

const facts = ({ id, matchers, until }: Row): Record<string, unknown> => ({
  silence_id: id,
  matchers,
  until: until.toISOString(),
});

async function announce(client: ClientBase, what: string, by: string, payload: object): Promise<void> {
  await appendAudit(client, [{ action: `console.silences.${what}`, payload: { ...payload, by }, actor: by }]);
  await notifyConsole(client, { actors: ['silences'] });
}

function shown(row: Row, silenced: readonly SilenceSubject[]): Silence {
  const { id, matchers, reason, created_by, ended_by, active } = row;
  return {
    ...{ id: String(id), matchers, reason, created_by, ended_by },
    state: active ? 'active' : 'ended',
    until: row.until.toISOString(),
    created_at: row.created_at.toISOString(),
    ended_at: ended_by === null ? null : row.ends_at.toISOString(),
    alerts: active ? silenced.filter((subject) => matches(matchers, subject)).length : null,
  };
}
