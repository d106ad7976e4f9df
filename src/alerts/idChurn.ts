import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Message } from '../actors/messages.ts';
import { IS_ACTIVE } from '../actors/projections/alert.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { storableJson } from '../db/storable.ts';
import type { EmissionInput } from '../model/alerts.ts';
import { alertKeyOf } from './emission.ts';
import { CYCLE_MAX_MS, CYCLE_MIN_MS, findIdChurn, type Once } from './idChurnRule.ts';

/**
 * Notices a sender that gives the same alert a new id in each cycle, and takes what it sends for one alert: the first
 * of those ids. Known in Postgres, so that restarts and other processes change nothing; an id that has been repeated
 * costs one look into this process's memory.
 */
export interface IdChurn {
  /** The alerts under the ids that they are known by, and what else has to be delivered along with them. */
  known(source: string, alerts: EmissionInput[]): Promise<{ alerts: EmissionInput[]; also: Message[] }>;
  /** Whether this may well be another active alert under a new id; more is known within two cycles. */
  isSuspect(alertKey: string): Promise<boolean>;
}

const KEYS_REMEMBERED = 50_000;
/** An id that is still sent after so many cycles is one that its sender keeps, and not one that it sent twice. */
const CYCLES_TO_STABLE = 1.5;

interface Mark {
  alike: string;
  alert_key: string;
  alert_id: string;
  cycle_seconds: number;
  alert_ids: string[];
  active: boolean;
}

interface Seen {
  alert_key: string;
  alike: string;
  repeated: boolean;
  age_seconds: number;
}

export function createIdChurn(pool: Pool): IdChurn {
  /** Keys that were repeated: their senders know them by these ids. */
  const stable = new Set<string>();

  return {
    async known(source, alerts) {
      const keyOf = (alert: EmissionInput) => alertKeyOf(source, alert.alert_id);
      const fresh = alerts.filter((alert) => alert.status === 'firing' && !stable.has(keyOf(alert)));
      const resolved = alerts.filter(({ status }) => status === 'resolved');
      if (fresh.length + resolved.length === 0) return { alerts, also: [] };

      const seen = new Map((await record(source, fresh)).map((row) => [row.alert_key, row]));
      const unknown = await unknownOf(resolved.map(keyOf));
      const alikes = [...new Set([...fresh, ...resolved].map((alert) => alikeOf(source, alert)))];
      const marks = await marksOf(alikes);
      const once = [...seen.values()].flatMap(({ alike, repeated }) => (repeated || marks.has(alike) ? [] : [alike]));
      for (const mark of await detect([...new Set(once)])) marks.set(mark.alike, mark);

      const also: Message[] = [];
      const mapped = alerts.map((alert) => {
        const mark = marks.get(alikeOf(source, alert));
        const row = seen.get(keyOf(alert));
        if (!mark) return alert;
        const own = alert.status === 'firing' ? !row || isKept(row, mark) : !unknown.has(keyOf(alert));
        if (keyOf(alert) === mark.alert_key) return alert;
        return own ? alert : { ...alert, alert_id: mark.alert_id };
      });
      for (const mark of marks.values()) {
        const kept = [...seen.values()].find((row) => row.alike === mark.alike && isKept(row, mark));
        const over = mapped.some((alert) => alert.status === 'resolved' && keyOf(alert) === mark.alert_key);
        if (kept || over) await unmark([mark.alike]);
        if (kept) also.push(resolves('its sender keeps its ids now', mark.alert_key, mark.alert_id));
        else also.push(told(mark), ...(await othersOf(mark)));
      }
      for (const row of seen.values()) {
        const mark = marks.get(row.alike);
        if (row.repeated && (!mark || isKept(row, mark))) remember(row.alert_key);
      }
      return { alerts: mapped, also };
    },

    async isSuspect(alertKey) {
      const { rowCount } = await pool.query(IS_SUSPECT, [alertKey, CYCLE_MIN_MS, CYCLE_MAX_MS]);
      return (rowCount ?? 0) > 0;
    },
  };

  function remember(alertKey: string): void {
    if (stable.size > KEYS_REMEMBERED) stable.clear();
    stable.add(alertKey);
  }

  async function record(source: string, alerts: EmissionInput[]): Promise<Seen[]> {
    if (alerts.length === 0) return [];
    const rows = new Map(
      alerts.map((alert) => {
        const alert_key = alertKeyOf(source, alert.alert_id);
        return [alert_key, { alert_key, alert_id: alert.alert_id, alike: alikeOf(source, alert), text: textOf(alert) }];
      }),
    );
    return (await pool.query<Seen>(RECORD, [storableJson([...rows.values()]), CYCLE_MIN_MS])).rows;
  }

  /** Whoever resolves an alert knows it by its id; those among them that nobody has ever heard of, or heard once. */
  async function unknownOf(alertKeys: string[]): Promise<Set<string>> {
    if (alertKeys.length === 0) return new Set();
    const { rows } = await pool.query<{ alert_key: string }>(RESOLVED, [alertKeys]);
    const repeated = new Set(rows.map(({ alert_key }) => alert_key));
    return new Set(alertKeys.filter((key) => !repeated.has(key)));
  }

  /** A mark holds while the alert that stands for all is active. */
  async function marksOf(alikes: string[]): Promise<Map<string, Mark>> {
    const { rows } = await pool.query<Mark>(MARKS, [alikes]);
    const ended = rows.filter(({ active }) => !active).map(({ alike }) => alike);
    if (ended.length > 0) await unmark(ended);
    return new Map(rows.filter(({ active }) => active).map((mark) => [mark.alike, mark]));
  }

  /** Together with the ids from that time: what comes next is judged by itself. */
  async function unmark(alikes: string[]): Promise<void> {
    await pool.query(UNMARK, [alikes, CYCLE_MIN_MS]);
  }

  async function detect(alikes: string[]): Promise<Mark[]> {
    if (alikes.length === 0) return [];
    const { rows } = await pool.query<{ alike: string; ids: Once[] }>(ONCE, [alikes]);
    const found: Mark[] = [];
    for (const { alike, ids } of rows) {
      const verdict = findIdChurn(ids);
      if (!verdict) continue;
      const { rows: stored } = await pool.query<Mark>(MARK, [
        alike,
        verdict.first.alertKey,
        verdict.first.alertId,
        verdict.cycleMs / 1_000,
        JSON.stringify(ids.map(({ alertId }) => alertId)),
      ]);
      if (stored[0]) found.push({ ...stored[0], active: true });
    }
    return found;
  }

  /** The other ids of that alert: they are over, and it goes on as the first. Old ones are forgotten. */
  async function othersOf(mark: Mark): Promise<Message[]> {
    const { rows } = await pool.query<{ alert_key: string; alert_id: string }>(OTHERS, [mark.alike, mark.alert_key]);
    await pool.query(FORGET, [mark.alike, mark.alert_key, 10 * mark.cycle_seconds]);
    return rows.map(({ alert_key, alert_id }) => resolves(`goes on as ${mark.alert_key}`, alert_key, alert_id));
  }
}

function isKept(row: Seen, mark: Mark): boolean {
  return (
    row.alert_key !== mark.alert_key && row.repeated && Number(row.age_seconds) >= CYCLES_TO_STABLE * mark.cycle_seconds
  );
}

const told = ({ alert_key, alert_ids }: Mark): Message => ({
  to: `alert:${alert_key}`,
  event: { type: 'IDS_UNSTABLE', alertIds: alert_ids },
});

const resolves = (reason: string, alertKey: string, alertId: string): Message => ({
  to: `alert:${alertKey}`,
  event: { type: 'RESOLVED', alertId, reason },
});

const digest = (...parts: unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
const alikeOf = (source: string, { title, surface_id }: EmissionInput): string =>
  digest(source, title, surface_id ?? null);
const textOf = ({ details, url }: EmissionInput): string => digest(details ?? null, url ?? null);

const RECORD = `
  insert into alert_identities as i (alert_key, alert_id, alike, text)
  select alert_key, alert_id, alike, text
  from ${rowsFromJson('alert_key text, alert_id text, alike text, text text')}
  order by alert_key
  on conflict (alert_key) do update set alike = excluded.alike,
    repeated = i.repeated or i.first_seen_at < clock_timestamp() - $2 * interval '1 millisecond'
  returning alert_key, alike, repeated, extract(epoch from clock_timestamp() - first_seen_at) as age_seconds`;

/** Answers those that were known before. */
const RESOLVED = `
  with known as (select alert_key, repeated from alert_identities where alert_key = any($1)),
  now_known as (
    update alert_identities set repeated = true
    where alert_key = any($1) and not repeated
      and not exists (select from unstable_alerts u where u.alike = alert_identities.alike))
  select alert_key from known where repeated`;

const MARKS = `
  select u.*, exists (select from actors a where a.id = 'alert:' || u.alert_key and ${IS_ACTIVE}) as active
  from unstable_alerts u where u.alike = any($1)`;

/** The last ids that were sent once, of alerts that are active or have just come. */
const ONCE = `
  select wanted.alike, coalesce(jsonb_agg(jsonb_build_object('alertKey', alert_key, 'alertId', alert_id, 'text', text,
    'firstSeenAt', extract(epoch from first_seen_at) * 1000) order by first_seen_at), '[]') as ids
  from unnest($1::text[]) as wanted(alike), lateral (
    select i.* from alert_identities i left join actors a on a.id = 'alert:' || i.alert_key
    where i.alike = wanted.alike and not i.repeated and (a.id is null or ${IS_ACTIVE})
    order by i.first_seen_at desc limit 40
  ) last group by wanted.alike`;

const MARK = `
  insert into unstable_alerts as u (alike, alert_key, alert_id, cycle_seconds, alert_ids) values ($1, $2, $3, $4, $5)
  on conflict (alike) do update set alike = excluded.alike
  returning u.alike, u.alert_key, u.alert_id, u.cycle_seconds, u.alert_ids`;

const UNMARK = `
  with unmarked as (delete from unstable_alerts where alike = any($1))
  delete from alert_identities where alike = any($1) and not repeated
    and first_seen_at < clock_timestamp() - $2 * interval '1 millisecond'`;

const OTHERS = `
  select i.alert_key, i.alert_id from alert_identities i join actors a on a.id = 'alert:' || i.alert_key
  where i.alike = $1 and i.alert_key <> $2 and not i.repeated and ${IS_ACTIVE}`;

const FORGET = `
  delete from alert_identities where alike = $1 and alert_key <> $2 and not repeated
    and first_seen_at < clock_timestamp() - $3 * interval '1 second'`;

/** The nearest alike id before it was sent once and is active, and what tells more has not had its time to come. */
const IS_SUSPECT = `
  select from alert_identities me
  join lateral (
    select p.first_seen_at from alert_identities p join actors a on a.id = 'alert:' || p.alert_key
    where p.alike = me.alike and not p.repeated and ${IS_ACTIVE}
      and p.first_seen_at < me.first_seen_at - $2 * interval '1 millisecond'
      and p.first_seen_at > me.first_seen_at - $3 * interval '1 millisecond'
    order by p.first_seen_at desc limit 1) before on true
  join lateral (
    select max(l.first_seen_at) as at from alert_identities l where l.alike = me.alike and not l.repeated) last on true
  where me.alert_key = $1 and not me.repeated
    and clock_timestamp() < last.at + 1.5 * (me.first_seen_at - before.first_seen_at) + interval '10 seconds'`;
