-- Identity is issuer and subject. A name is for display: it belongs to the person who first acted under it, for good, so
-- that one name in the audit log never means two people.
create table person_names (
  name     text primary key,
  issuer   text not null,
  subject  text not null,
  since    timestamptz not null default clock_timestamp()
);
create index person_names_by_person on person_names (issuer, subject);

-- Null for sessions of release 0.1.0.
alter table sessions add column issuer text;
-- When the provider says that the person entered their credentials; null where it does not say.
alter table sessions add column authenticated_at timestamptz;
create index sessions_by_person on sessions (subject) where ended_at is null;

-- Null unless the actor is a person.
alter table audit_log add column issuer text, add column subject text;
