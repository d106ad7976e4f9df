import type { DatabaseClock } from '../../src/db/databaseClock.ts';

/** For tests that let time pass by moving the instants in the database: only the database's clock counts. */
export const trustedClock: DatabaseClock = { ageAtLeastMs: () => Number.POSITIVE_INFINITY };
