-- A list in the context of an actor may become long, and every step writes its snapshot anew. The snapshot has the first
-- entries of such a list, and these rows are the others, in the order of their numbers.
create table actor_entries (
  actor_id text not null references actors (id) on delete cascade,
  n        bigint not null,
  entry    jsonb not null,
  primary key (actor_id, n)
);
