/**
 * Condition of a statement, always true, by which its commit does not wait for the disk. A later commit that waits takes
 * it along, and until then only a crash of the database can lose it. For a statement that is a transaction of its own, as a
 * transaction that contains it would not wait either.
 */
export const COMMITS_WITH_NEXT = "set_config('synchronous_commit', 'off', true) = 'off'";
