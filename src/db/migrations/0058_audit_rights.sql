-- The audit log for a role that owns the tables and another one that the program uses: the owner gives that role the right
-- to add rows and to call the two functions below, and no other right on the log. All of this is quick, whatever the size
-- of the log: no row is read or moved.
-- The functions have the rights of the owner, so nothing that their caller may set or create takes part in them: they find
-- names in pg_catalog only, and write times in one form.

-- What the rows of each closed day were, one row a day, each with the digest of the day before it.
create table audit_digests (
  day         date primary key,
  row_count   integer not null,
  -- SHA-256 of the SHA-256 of each row, in the order of their ids.
  rows_hash   bytea not null,
  -- SHA-256 of day, count, hash and the digest of the day before.
  digest      bytea not null,
  -- HMAC of the digest and of sealed_at with AUDIT_DIGEST_SECRET, and which secret that was; null without one.
  signature   bytea,
  key         text,
  -- The time of the transaction, which knows it before the insert and so can sign it.
  sealed_at   timestamptz not null default now()
);

create function audit_digests_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'audit_digests is append-only: % is refused', tg_op using errcode = 'insufficient_privilege';
end $$;
create trigger audit_digests_append_only before update or delete or truncate on audit_digests
  for each statement execute function audit_digests_refuse();

-- The days for which the log is kept at least, set by the owner of the tables; 0 keeps it for ever.
create table audit_retention (
  only_row  boolean primary key default true check (only_row),
  days      integer not null check (days >= 0)
);
insert into audit_retention (days) values (0);

-- As before, with the rights of the owner, and for no more than a year ahead.
create or replace function audit_log_prepare(months integer default 3) returns integer language plpgsql
  security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO'
  set lock_timeout = '200ms' as $$
declare first timestamptz; after timestamptz; part text; other oid; missing integer := 0;
begin
  for i in 0..least(months, 12) loop
    first := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i)) at time zone 'UTC';
    after := ((first at time zone 'UTC') + interval '1 month') at time zone 'UTC';
    part := 'audit_log_' || to_char(first at time zone 'UTC', 'YYYY_MM');
    continue when to_regclass('public.' || part) is not null;
    begin
      execute format('create table public.%I (like public.audit_log including defaults including constraints including indexes)', part);
      execute format('alter table public.%I alter column created_at set not null, add constraint in_month check (created_at >= %L and created_at < %L)',
        part, first, after);
      execute format('create trigger audit_log_no_truncate before truncate on public.%I
        for each statement execute function public.audit_log_refuse()', part);
      -- Default privileges may have given rights on a new table, which nobody needs on a partition.
      for other in select distinct a.grantee from pg_class c, aclexplode(c.relacl) a
        where c.oid = to_regclass('public.' || part) and a.grantee <> c.relowner
      loop
        execute format('revoke all on public.%I from %s', part,
          case when other = 0 then 'public' else quote_ident(pg_get_userbyid(other)) end);
      end loop;
      if exists (select from public.audit_log_rest where created_at >= first and created_at < after) then
        lock table public.audit_log_rest in access exclusive mode;
        alter table public.audit_log_rest disable trigger audit_log_append_only;
        execute format('with moved as (delete from public.audit_log_rest where created_at >= %L and created_at < %L returning *)
          insert into public.%I select * from moved', first, after, part);
        alter table public.audit_log_rest enable trigger audit_log_append_only;
      end if;
      execute format('alter table public.audit_log attach partition public.%I for values from (%L) to (%L)', part, first, after);
      execute format('alter table public.%I drop constraint in_month', part);
    exception when lock_not_available then
      missing := missing + 1;
    end;
  end loop;
  return missing;
end $$;

-- Drops the oldest month of which every row is older than `keep_days` and than the owner wants, and returns the name of
-- its partition; null where there is none. A month with a day that has no digest stays. While another transaction reads the
-- log, such as a pg_dump, it fails after a moment, so that nobody waits longer behind it.
create function audit_log_drop_month(keep_days integer) returns text language plpgsql
  security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO'
  set lock_timeout = '200ms' as $$
declare kept integer; part text; first date;
begin
  select greatest(keep_days, r.days) into kept from public.audit_retention r where r.days > 0;
  if keep_days <= 0 or kept is null then return null; end if;
  for part, first in
    select c.relname, to_date(right(c.relname, 7), 'YYYY_MM')
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'public.audit_log'::regclass and c.relname ~ '^audit_log_\d{4}_\d{2}$'
      and (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC'
        <= clock_timestamp() - make_interval(days => kept)
    order by 1
  loop
    continue when exists (
      select from generate_series(
        greatest(first, (select min(d.day) from public.audit_digests d))::timestamp,
        first + interval '1 month' - interval '1 day', interval '1 day') as days(day)
      where not exists (select from public.audit_digests d where d.day = days.day::date));
    execute format('drop table public.%I', part);
    return part;
  end loop;
  return null;
end $$;

-- A new function may be called by everybody.
revoke execute on function audit_log_prepare(integer), audit_log_drop_month(integer) from public;

-- The time of the insert, not that of the begin of its transaction, which could be kept open. Nothing is written to the log
-- until this transaction ends, so it is the last step.
alter table audit_log alter column created_at set default clock_timestamp();
