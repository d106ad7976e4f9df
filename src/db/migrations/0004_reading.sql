-- What the console reads again and again.

-- The tickets of one surface, newest first.
create index filings_by_surface on filings ((request->>'surfaceId'), filed_at desc) where ticket_id is not null;

-- Active alerts first, then those that moved last; and the alerts of one surface in that order.
create index actors_alerts on actors
  (coalesce(snapshot->'context'->'active', 'false'::jsonb) desc, updated_at desc, id desc) where kind = 'alert';
create index actors_alerts_by_surface on actors ((snapshot->'context'->>'surfaceId')) where kind = 'alert';

-- Who moved last, of whatever kind.
create index actors_by_change on actors (updated_at desc, id desc);
