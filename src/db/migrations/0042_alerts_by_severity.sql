-- Active alerts first, the worst of them before the others; then those that moved last.
create index actors_alerts_by_severity on actors (
  coalesce(snapshot->'context'->'active', 'false'::jsonb) desc,
  (case when coalesce(snapshot->'context'->'active', 'false'::jsonb) = 'true'
    then translate(coalesce(snapshot->'context'->>'latestSeverity', snapshot->'context'->>'severity'), '123', '987') else '' end)
    collate "C" desc,
  updated_at desc, id desc
) where kind = 'alert';
drop index actors_alerts;
