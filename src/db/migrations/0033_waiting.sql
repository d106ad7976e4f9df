-- Filings that wait for the help desk.
create index actors_waiting on actors (id) where state->>'ticket' = 'waiting';
