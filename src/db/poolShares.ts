/** Pages have one of this many connections of a process; a smaller pool is not divided. */
const CONNECTIONS_PER_PAGE_CONNECTION = 4;

/** How many of the connections of a process are kept for pages. */
export const pageConnections = (poolSize: number): number => Math.floor(poolSize / CONNECTIONS_PER_PAGE_CONNECTION);

/** How many are left for intake, filing and everything else. */
export const workConnections = (poolSize: number): number => poolSize - pageConnections(poolSize);
