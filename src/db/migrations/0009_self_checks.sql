-- When a target last answered any process, and when a process that reached none of them last asked the others.
alter table self_checks add column answered_at timestamptz, add column doubted_at timestamptz;
