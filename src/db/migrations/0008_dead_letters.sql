-- Dead letters: what happened to each, what a person made of its payload, and how it ended.

alter table effects
  -- The tries that failed, and what people did about it, newest last; the oldest give way beyond fifty.
  add column history jsonb not null default '[]',
  -- The payload as a person changed it; null while it is what the machine asked for.
  add column edited jsonb,
  drop constraint effects_status_check,
  -- `replayed`: the machine took it up again, as an effect of its own. `discarded`: a person gave it up for good.
  add constraint effects_status_check check
    (status in ('pending', 'running', 'done', 'failed', 'cancelled', 'dead', 'replayed', 'discarded'));

-- What the help desk said when it refused the last attempt without saying whether anything was stored.
alter table filings add column refusal text;
