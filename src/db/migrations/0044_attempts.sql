-- Notes and messages whose answer was lost; few at any time.
create index ticket_notes_attempting on ticket_notes (attempted_at) where phase = 'attempting';
create index direct_messages_attempting on direct_messages (attempted_at) where phase = 'attempting';
create index filings_attempting on filings (attempted_at) where phase = 'attempting';

-- Old notes are deleted by their age.
create index ticket_notes_by_time on ticket_notes using brin (created_at);
