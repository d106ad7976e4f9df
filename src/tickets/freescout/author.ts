import { TicketError } from '../port.ts';
import { allPages } from './pages.ts';
import type { FreeScoutApi } from './responses.ts';
import { userSchema } from './schemas.ts';
import type { CallTerms } from './transport.ts';

/** The FreeScout user who is the author of our notes. */
export interface Author {
  id(call: CallTerms): Promise<number>;
  /** Throws TicketError `rejected` if there is no such user. */
  check(call: CallTerms): Promise<void>;
  /** Looks the user up again at the next use. */
  forget(): void;
}

/** The user of FREESCOUT_USER_ID, else the first one that the API lists, which is then remembered. */
export function createAuthor(api: FreeScoutApi, userId: number | null): Author {
  let found: number | null = null;

  async function firstListed(call: CallTerms): Promise<number> {
    const { rows } = await allPages(api, { name: 'users', query: {}, pageSize: 1, maxPages: 1 }, userSchema, call);
    const first = rows[0];
    if (first === undefined) throw noUser('FreeScout lists no user who can be the author of notes.');
    return first.id;
  }

  return {
    async id(call) {
      found ??= userId ?? (await firstListed(call));
      return found;
    },
    async check(call) {
      if (userId === null) {
        found = await firstListed(call);
        return;
      }
      await api.read({ method: 'GET', path: `users/${userId}` }, userSchema, call).catch((error: unknown) => {
        const missing = error instanceof TicketError && error.problem === 'not_found';
        throw missing ? noUser(`FreeScout has no user ${userId}: FREESCOUT_USER_ID is wrong.`) : error;
      });
    },
    forget() {
      found = null;
    },
  };
}

function noUser(sentence: string): TicketError {
  return new TicketError('rejected', sentence);
}
