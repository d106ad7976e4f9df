import type { ClientBase } from 'pg';

/** A person as the provider identifies them. */
export interface Identity {
  issuer: string;
  subject: string;
}

type Client = Pick<ClientBase, 'query'>;

/**
 * The name under which a person acts: the given one, or a longer one if another person has acted under it. A name
 * stays with its first person even after they have another one.
 */
export async function claimName(client: Client, { issuer, subject }: Identity, name: string): Promise<string> {
  const longer = `${name} (${subject})`;
  for (const candidate of [name, longer, `${longer} at ${new URL(issuer).host}`]) {
    const { rowCount } = await client.query(CLAIM, [candidate, issuer, subject]);
    if (rowCount === 1) return candidate;
  }
  throw new Error('every name of this person belongs to another person');
}

// The update changes nothing; it makes the statement return the row of the same person.
const CLAIM = `
  insert into person_names as known (name, issuer, subject) values ($1, $2, $3)
  on conflict (name) do update set name = excluded.name
  where known.issuer = excluded.issuer and known.subject = excluded.subject
  returning name`;

export interface KnownPerson extends Identity {
  names: string[];
}

/** Everybody who has acted under this name or has this subject, each with all their names. */
export async function findPeople(client: Client, nameOrSubject: string): Promise<KnownPerson[]> {
  const { rows } = await client.query<KnownPerson>(
    `select issuer, subject, array_agg(name order by since, name) as names
     from person_names
     where (issuer, subject) in (select issuer, subject from person_names where name = $1 or subject = $1)
     group by issuer, subject order by issuer, subject`,
    [nameOrSubject],
  );
  return rows;
}
