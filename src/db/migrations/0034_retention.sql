-- Rows are deleted by their age. These indexes are small and cost next to nothing when a row is written.
create index effects_by_time on effects using brin (created_at);
create index answers_by_time on answers using brin (at);
create index held_alerts_by_time on held_alerts using brin (held_at);
create index unknown_resolutions_by_time on unknown_resolutions using brin (audited_at);

-- The first run of the reconciler asks for the oldest filing, and the limits of a storm for those that were admitted last.
create index filings_by_time on filings (created_at);
create index filings_admitted_by_time on filings (admitted_at) where admitted_at is not null;
create index direct_messages_admitted_by_time on direct_messages (admitted_at) where admitted_at is not null;
-- The reconciler compares the tickets of the last day.
create index filings_filed on filings (filed_at) where ticket_id is not null;
