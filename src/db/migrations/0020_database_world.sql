-- The version of the machine that asked for an effect: only a release that knows it runs the effect. Null for effects of
-- release 0.1.0, which every release knows.
alter table effects add column version integer;

-- Banners, metrics and the reconciler ask for these often, and they are few among rows that are kept for ever.
create index actors_parked on actors (id) where parked is not null;
create index filings_by_ticket on filings (ticket_id) where ticket_id is not null;
create index filings_untagged on filings (id) where phase = 'created';
create index filings_gone on filings (id) where ticket_status = 'gone';

-- Makes the monthly partitions from this month to `months` ahead, in UTC, and returns how many are still missing because
-- the tables are in use; pg_dump, for example, reads them for its whole duration. A new partition is attached rather than
-- created in place, which needs no lock on the whole log, and nobody waits longer than the lock timeout behind it.
-- Rows of that month that fell into the rest partition move over, which only the owner of the tables may do.
drop function audit_log_prepare(integer);
create function audit_log_prepare(months integer default 3) returns integer language plpgsql
  set lock_timeout = '200ms' as $$
declare first timestamptz; after timestamptz; part text; missing integer := 0;
begin
  for i in 0..months loop
    first := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i)) at time zone 'UTC';
    after := ((first at time zone 'UTC') + interval '1 month') at time zone 'UTC';
    part := 'audit_log_' || to_char(first at time zone 'UTC', 'YYYY_MM');
    continue when to_regclass(part) is not null;
    begin
      execute format('create table %I (like audit_log including defaults including constraints including indexes)', part);
      execute format('alter table %I alter column created_at set not null, add constraint in_month check (created_at >= %L and created_at < %L)',
        part, first, after);
      execute format('create trigger audit_log_no_truncate before truncate on %I
        for each statement execute function audit_log_refuse()', part);
      if exists (select from audit_log_rest where created_at >= first and created_at < after) then
        lock table audit_log_rest in access exclusive mode;
        alter table audit_log_rest disable trigger audit_log_append_only;
        execute format('with moved as (delete from audit_log_rest where created_at >= %L and created_at < %L returning *)
          insert into %I select * from moved', first, after, part);
        alter table audit_log_rest enable trigger audit_log_append_only;
      end if;
      execute format('alter table audit_log attach partition %I for values from (%L) to (%L)', part, first, after);
      execute format('alter table %I drop constraint in_month', part);
    exception when lock_not_available then
      missing := missing + 1;
    end;
  end loop;
  return missing;
end $$;
select audit_log_prepare();
