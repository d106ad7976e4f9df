-- Since when a message waits: one that waits for long has lost the job that would take it to its actor.
alter table inbox add column left_at timestamptz not null default now();
