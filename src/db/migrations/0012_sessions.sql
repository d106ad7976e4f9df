-- Who is signed in. The browser's token is not in here, only its digest: a copy of this table opens nothing.

create table sessions (
  -- Names the session to people; of no use to anybody who wants to be in it.
  id            text primary key,
  token_digest  bytea not null unique,
  subject       text not null,
  name          text not null,
  role          text not null check (role in ('viewer', 'operator', 'admin')),
  address       text,
  user_agent    text,
  -- What the provider wants to see again when its own session is to end, sealed with the browser's token.
  provider_hint bytea,
  created_at    timestamptz not null default clock_timestamp(),
  last_used_at  timestamptz not null default clock_timestamp(),
  expires_at    timestamptz not null,
  ended_at      timestamptz
);
create index sessions_by_age on sessions (created_at desc, id desc);
create index sessions_by_name on sessions (name) where ended_at is null;

-- Each answer of the provider is taken once, by whichever process it comes to first.
create table spent_sign_ins (
  digest        bytea primary key,
  at            timestamptz not null default clock_timestamp()
);
