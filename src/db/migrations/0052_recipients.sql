-- Who gets messages about alerts, as the surfaces file has it, in its order.
create table notification_rules (
  kind      text not null check (kind in ('notify', 'escalation')),
  position  integer not null,
  config    jsonb not null,
  primary key (kind, position)
);

alter table direct_messages
  -- The Slack id of a channel or a person; null: the person in SLACK_DM_USER_ID.
  add column recipient text,
  -- The message of which this is the copy for one recipient; null for a message that is sent as it was asked for.
  add column copy_of text,
  -- When its copies were handed over. The message itself is not sent.
  add column handed_over_at timestamptz;
create index direct_messages_copies on direct_messages (copy_of) where copy_of is not null;
