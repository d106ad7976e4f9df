/**
 * Condition of a statement, always true, by which its commit does not wait for the disk. The next commit that waits makes
 * it durable too; until then only a crash of the database can lose it. Use it only for a statement that is a transaction of
 * its own, because otherwise the whole transaction would not wait.
 */
export const COMMITS_ASYNCHRONOUSLY = "set_config('synchronous_commit', 'off', true) = 'off'";
