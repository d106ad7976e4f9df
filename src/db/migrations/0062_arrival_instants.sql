-- Instants of the sender's clock and of ours, apart: each is compared with its like only. `sent_at` has either of them, as processes of
-- the previous release write and read it. `own_at` is by the sender's clock, and null where it gave no time. `arrived_at` is when the
-- request was stored, and null for one that was not stored and for what the previous release wrote.
alter table alert_sightings
  add column own_at     timestamptz,
  add column arrived_at timestamptz;
alter table alert_resolutions
  add column own_at     timestamptz,
  add column arrived_at timestamptz;
