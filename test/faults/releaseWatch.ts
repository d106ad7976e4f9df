import type { RestartableDatabase } from './database.ts';
import { KNOWN_VERSION } from './releases.ts';

/** What processes of an older release did beside those of a newer one. */
export interface ReleaseFacts {
  /** Jobs of alerts that a process took when a process of a newer release had taken one before. */
  takenByOlder: number;
  /** Jobs of alerts that a process took although only a newer release knows their version. */
  takenTooNew: number;
  /** Effects with names that only later releases know, which are done. */
  newEffects: number;
  /** Events that an older process left to a newer one. `until` null: it still waits. */
  waits: Wait[];
  /** Alerts of a newer release that an older process wrote over. */
  overwritten: string[];
}

export interface Wait {
  key: string;
  from: number;
  until: number | null;
}

type Database = Pick<RestartableDatabase, 'rows'>;

/** Lets the database record which processes take which jobs, by the setting of their sessions, and which events wait. */
export async function watchReleases(database: Database): Promise<void> {
  for (const statement of WATCH) await database.rows(statement);
}

/** For a control run: jobs of effects lose the version of the machine that asked for them. */
export async function dropVersions(database: Database): Promise<void> {
  for (const statement of DROP_VERSIONS) await database.rows(statement);
}

export async function readReleases(database: Database): Promise<ReleaseFacts> {
  const [taken] = await database.rows<Pick<ReleaseFacts, 'takenByOlder' | 'takenTooNew' | 'newEffects'>>(TAKEN);
  const waits = await database.rows<{ key: string; from: Date; until: Date | null }>(WAITS);
  const overwritten = await database.rows<{ actor_id: string }>('select actor_id from faults.overwritten');
  return {
    takenByOlder: taken?.takenByOlder ?? 0,
    takenTooNew: taken?.takenTooNew ?? 0,
    newEffects: taken?.newEffects ?? 0,
    waits: waits.map(({ key, from, until }) => ({ key, from: from.getTime(), until: until?.getTime() ?? null })),
    overwritten: overwritten.map(({ actor_id }) => actor_id),
  };
}

const NOW = 'timestamptz not null default pg_catalog.clock_timestamp()';

const WATCH = [
  'create schema faults',
  `create table faults.taken (at ${NOW}, knows int not null, asked int not null)`,
  // The version is that of the effect itself, whatever the name of its job says.
  `create function faults.record_taken() returns trigger language plpgsql as $$
   declare
     knows int := nullif(current_setting('${KNOWN_VERSION}', true), '')::int;
     asked int;
   begin
     select version into asked from public.effects where id = new.payload->>'id' and actor_id like 'alert:%';
     if asked is null then
       select substring(identifier from '^inbox alert (\\d+)$')::int into asked
       from graphile_worker._private_tasks where id = new.task_id;
     end if;
     if knows is not null and asked is not null then
       insert into faults.taken (knows, asked) values (knows, asked);
     end if;
     return null;
   end $$`,
  `create trigger faults_taken after update on graphile_worker._private_jobs for each row
   when (old.locked_at is null and new.locked_at is not null) execute function faults.record_taken()`,

  `create table faults.waits (held_id bigint primary key, actor_id text not null, from_at ${NOW}, until_at timestamptz)`,
  `create function faults.record_wait() returns trigger language plpgsql as $$
   begin
     if tg_op = 'INSERT' then
       insert into faults.waits (held_id, actor_id) values (new.id, new.actor_id);
     else
       update faults.waits set until_at = pg_catalog.clock_timestamp() where held_id = old.id;
     end if;
     return null;
   end $$`,
  `create trigger faults_wait after insert on public.held_events for each row
   when (new.reason = 'moved by a newer release') execute function faults.record_wait()`,
  `create trigger faults_wait_over after delete on public.held_events for each row execute function faults.record_wait()`,

  'create table faults.overwritten (actor_id text not null)',
  `create function faults.record_overwritten() returns trigger language plpgsql as $$
   begin
     insert into faults.overwritten (actor_id) values (old.id);
     return null;
   end $$`,
  `create trigger faults_overwritten after update on public.actors for each row
   when (new.version < old.version) execute function faults.record_overwritten()`,
];

const DROP_VERSIONS = [
  `create function faults.drop_version() returns trigger language plpgsql as $$
   declare
     plain int;
   begin
     select other.id into plain from graphile_worker._private_tasks own, graphile_worker._private_tasks other
     where own.id = new.task_id and own.identifier ~ '^(urgent_)?effect ' and other.identifier = split_part(own.identifier, ' ', 1);
     new.task_id := coalesce(plain, new.task_id);
     return new;
   end $$`,
  `create trigger faults_drop_version before insert on graphile_worker._private_jobs for each row
   execute function faults.drop_version()`,
];

const TAKEN = `
  select count(*) filter (where knows < newest)::int as "takenByOlder",
    count(*) filter (where knows < asked)::int as "takenTooNew",
    (select count(*)::int from effects where src like 'sendDmOfRelease%' and status = 'done') as "newEffects"
  from (select knows, asked, max(knows) over (order by at) as newest from faults.taken) taken`;
const WAITS = `
  select substr(actor_id, 7) as key, from_at as "from", until_at as "until" from faults.waits order by held_id`;
