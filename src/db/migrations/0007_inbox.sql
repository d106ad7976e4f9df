-- Messages to the few actors that many others speak to, until a transaction hands over all that wait at once.
create table inbox (
  id          bigint generated always as identity primary key,
  actor_id    text not null,
  event       jsonb not null,
  event_id    text not null
);
create index inbox_by_actor on inbox (actor_id, id);
