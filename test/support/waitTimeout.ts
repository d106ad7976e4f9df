/** How long a test waits for a condition. Long, because everything is slow on a busy machine. */
export const WAIT_TIMEOUT_MS = 20_000;
