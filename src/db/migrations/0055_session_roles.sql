-- The session at the identity provider, which its back-channel logout names; null where it gives none.
alter table sessions add column provider_session text;
-- The refresh token, with which the provider tells the groups of the person again. Encrypted with a key that only the
-- browser has, as `provider_hint`; null where the provider gives none.
alter table sessions add column provider_grant bytea;
-- When the provider last confirmed the role; null: at the sign-in.
alter table sessions add column role_confirmed_at timestamptz;
-- When a process last asked for it; others wait for a moment.
alter table sessions add column role_asked_at timestamptz;
create index sessions_by_provider_session on sessions (provider_session)
  where provider_session is not null and ended_at is null;
