/** Pages have one of this many connections of a process; a smaller pool is not divided. */
const CONNECTIONS_PER_PAGE_CONNECTION = 4;

/** How many of the connections of a process are kept for pages. */
export const pageConnections = (poolSize: number): number => Math.floor(poolSize / CONNECTIONS_PER_PAGE_CONNECTION);

/**
 * How many of these may search the audit log for a text at once. With all of them, searches would take every processor of a
 * small database from alerts, and every connection from the other pages.
 */
export const searchesAtOnce = (poolSize: number): number => Math.max(1, Math.floor(pageConnections(poolSize) / 2));

/** How many are left for intake, filing and everything else. */
export const workConnections = (poolSize: number): number => poolSize - pageConnections(poolSize);
