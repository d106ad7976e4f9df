-- When a later click on Investigate, or a later episode of its alert, got this ticket instead of a new one.
alter table filings add column reused_at timestamptz;
