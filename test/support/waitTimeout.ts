/** As long as a test waits for anything: what takes its time on a busy machine is not missing. */
export const WAIT_TIMEOUT_MS = 20_000;
