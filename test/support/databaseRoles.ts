import pg from 'pg';
import { createTestDatabase, type TestDatabase } from './db.ts';

export interface DatabaseWithRoles extends TestDatabase {
  /** Addresses of the same database for three roles without any right but to connect; the first owns the database. */
  ownerUrl: string;
  appUrl: string;
  readerUrl: string;
  names: { owner: string; app: string; reader: string };
}

/** An empty database with three roles of its own. `pool` stays that of a superuser. */
export async function createDatabaseWithRoles(): Promise<DatabaseWithRoles> {
  const database = await createTestDatabase({ empty: true });
  const name = new URL(database.url).pathname.slice(1);
  const names = { owner: `${name}_owner`, app: `${name}_app`, reader: `${name}_reader` };
  for (const role of Object.values(names)) await database.pool.query(`create role ${role} login password 'secret'`);
  await database.pool.query(`alter database ${name} owner to ${names.owner}`);
  const urlOf = (role: string) => Object.assign(new URL(database.url), { username: role, password: 'secret' }).href;
  return {
    ...database,
    ownerUrl: urlOf(names.owner),
    appUrl: urlOf(names.app),
    readerUrl: urlOf(names.reader),
    names,
    async drop() {
      await database.drop();
      const admin = new URL(database.url);
      admin.pathname = 'postgres';
      const client = new pg.Client({ connectionString: admin.href });
      await client.connect();
      for (const role of Object.values(names)) await client.query(`drop role ${role}`);
      await client.end();
    },
  };
}
