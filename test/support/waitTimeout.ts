/**
 * How long a test waits for a condition. On a busy machine a call of the program may time out, and its next attempt
 * comes 30 s later.
 */
export const WAIT_TIMEOUT_MS = 45_000;
