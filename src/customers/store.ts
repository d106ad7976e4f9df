import type { Pool } from 'pg';
import { containing, decodeCursor, pageOf, TEXT } from '../db/keyset.ts';
import type { CustomerList } from '../model/tickets.ts';

export interface Customer {
  id: string;
  email: string;
  name: string;
  /** The customer's number in FreeScout; if it is null, the email address identifies the customer. */
  freescoutCustomerId: number | null;
}

export interface CustomerStore {
  find(id: string): Promise<Customer | null>;
  /**
   * Customers by name, with the text `q` in their id, name or email address, where each of its words is the beginning of a
   * word; case is ignored. Throws Problem `invalid_field` for an unusable text or a foreign cursor.
   */
  list(query: CustomersQuery): Promise<CustomerList>;
  /** Adds new customers and replaces known ones, all or none. `customers` must not contain an id twice. */
  upsert(customers: readonly Customer[]): Promise<{ added: number; updated: number }>;
}

interface CustomersQuery {
  q?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** A word is a run of letters and digits, as the locale of the database has them. */
const SEPARATORS = "'[^[:alnum:]]+'";
/** The words of a customer, as the index has them. */
const WORDS = `array_to_tsvector(array_remove(regexp_split_to_array(
  lower(left(name, 255) || ' ' || left(email, 255) || ' ' || left(id, 255)), ${SEPARATORS}), ''))`;

/**
 * The words of a text as a query for words that begin with them; null if it has none. The statement of the search gets it as
 * a value, so that Postgres can estimate how many customers match.
 */
async function beginningsOf(pool: Pick<Pool, 'query'>, text: string): Promise<string | null> {
  const { rows } = await pool.query<{ words: string | null }>(
    `select string_agg(quote_literal(word) || ':*', ' & ') as words
     from regexp_split_to_table(lower($1), ${SEPARATORS}) as word where word <> ''`,
    [text],
  );
  return rows[0]?.words ?? null;
}

/** The table `customers`. */
export function createCustomers(pool: Pick<Pool, 'query'>): CustomerStore {
  return {
    async find(id) {
      // Postgres refuses text with U+0000, so no customer has such an id.
      if (id.includes('\0')) return null;
      const { rows } = await pool.query<{ id: string; email: string; name: string; number: string | null }>(
        'select id, email, name, freescout_customer_id as number from customers where id = $1',
        [id],
      );
      const row = rows[0];
      if (row === undefined) return null;
      const { number, ...customer } = row;
      return { ...customer, freescoutCustomerId: number === null ? null : Number(number) };
    },

    async list({ q, cursor, limit }) {
      const values: string[] = [];
      const bind = (value: string): string => `$${values.push(value)}`;
      const terms: string[] = [];
      if (q !== undefined && q !== '') {
        const pattern = bind(containing('q', q));
        const words = await beginningsOf(pool, q);
        if (words === null) return { customers: [], next_cursor: null };
        terms.push(`${WORDS} @@ ${bind(words)}::tsquery`);
        terms.push(`(name ilike ${pattern} or email ilike ${pattern} or id ilike ${pattern})`);
      }
      if (cursor !== undefined) {
        const [name = '', id = ''] = decodeCursor(cursor, [TEXT, TEXT]);
        terms.push(`(lower(name), id) > (${bind(name)}, ${bind(id)})`);
      }
      const { rows } = await pool.query<{ id: string; name: string; email: string; key: string }>(
        `select id, name, email, lower(name) as key from customers
         ${terms.length === 0 ? '' : `where ${terms.join(' and ')}`}
         order by lower(name), id limit ${limit + 1}`,
        values,
      );
      const { rows: customers, next_cursor } = pageOf(
        rows,
        limit,
        ({ key: _, ...customer }) => customer,
        ({ key, id }) => [key, id],
      );
      return { customers, next_cursor };
    },

    async upsert(customers) {
      // One statement is one transaction. xmax is 0 only in a row that was inserted.
      const { rows } = await pool.query<{ added: string; updated: string }>(
        `with written as (
           insert into customers (id, email, name, freescout_customer_id)
           select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
           on conflict (id) do update
             set email = excluded.email, name = excluded.name, freescout_customer_id = excluded.freescout_customer_id
           returning xmax = 0 as is_new
         )
         select count(*) filter (where is_new) as added, count(*) filter (where not is_new) as updated from written`,
        [
          customers.map(({ id }) => id),
          customers.map(({ email }) => email),
          customers.map(({ name }) => name),
          customers.map(({ freescoutCustomerId }) => freescoutCustomerId),
        ],
      );
      return { added: Number(rows[0]?.added ?? 0), updated: Number(rows[0]?.updated ?? 0) };
    },
  };
}
