import { execute } from './db.ts';

/**
 * Puts a clock before the real one of this database, which can be set. Sessions that begin from now on read it with
 * `clock_timestamp()`.
 */
export async function installSteppedClock(url: string) {
  const name = new URL(url).pathname.slice(1);
  await execute(
    url,
    `create schema clock; create table clock.step (by interval not null); insert into clock.step values ('0');
     create function clock.clock_timestamp() returns timestamptz language sql volatile as
       'select pg_catalog.clock_timestamp() + (select by from clock.step)';
     alter database ${name} set search_path = clock, pg_catalog, public`,
  );
  return {
    /** Sets it by this interval further, for all sessions at once. */
    step: (by: string) => execute(url, `update clock.step set by = by + interval '${by}'`),
  };
}
