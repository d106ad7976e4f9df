-- Filings of clicks and storms that have ended, and grouped messages, are deleted by their age, the oldest first. No column of
-- these indexes changes later, and the conditions use none that is not in one already: an update costs no more than before.
create index filings_ended on filings (created_at)
  where path <> 'alert' and phase not in ('planned', 'attempting') and coalesce(ticket_status, '') not in ('active', 'pending');
create index direct_messages_grouped on direct_messages (created_at) where kind = 'grouped' and copy_of is null;
