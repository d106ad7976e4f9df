-- The audit log is append-only: the database itself refuses to change a row. Retention drops whole monthly partitions.

create table audit_log (
  id          bigint generated always as identity,
  created_at  timestamptz not null default now(),
  action      text not null,
  payload     jsonb not null,
  actor       text not null,
  primary key (id, created_at)
) partition by range (created_at);
create index audit_log_by_time on audit_log (created_at desc, id desc);
create index audit_log_by_action on audit_log (action, created_at desc);

create table audit_log_rest partition of audit_log default;

create function audit_log_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'audit_log is append-only: % is refused', tg_op using errcode = 'insufficient_privilege';
end $$;
create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function audit_log_refuse();
-- Partitions inherit row triggers but not this one, so each gets its own.
create trigger audit_log_no_truncate before truncate on audit_log
  for each statement execute function audit_log_refuse();
create trigger audit_log_no_truncate before truncate on audit_log_rest
  for each statement execute function audit_log_refuse();

-- Makes the monthly partitions from this month to `months` ahead. Months in UTC.
create function audit_log_prepare(months integer default 3) returns void language plpgsql as $$
declare first timestamptz; part text;
begin
  for i in 0..months loop
    first := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i)) at time zone 'UTC';
    part := 'audit_log_' || to_char(first at time zone 'UTC', 'YYYY_MM');
    if to_regclass(part) is null
       and not exists (select 1 from audit_log_rest where created_at >= first and created_at < ((first at time zone 'UTC') + interval '1 month') at time zone 'UTC') then
      execute format('create table %I partition of audit_log for values from (%L) to (%L)',
        part, first, ((first at time zone 'UTC') + interval '1 month') at time zone 'UTC');
      execute format('create trigger audit_log_no_truncate before truncate on %I
        for each statement execute function audit_log_refuse()', part);
    end if;
  end loop;
end $$;
select audit_log_prepare();
