-- The alerts that are suppressed now, few among all that ever were.
create index held_alerts_active on held_alerts (alert_key) where over is null;
