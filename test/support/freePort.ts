import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that the system hands out, so that no other process gets one by chance while its owner restarts. */
const FIRST = 10_000;
const LAST = 32_000;

/** Starts something on a random port of loopback, with another port if that one is taken. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await start(randomInt(FIRST, LAST));
    } catch (error) {
      if (!isPortTaken(error)) throw error;
    }
  }
}

/** A free port for something that cannot be started again on another one. Prefer `onFreePort`, or port 0. */
export const freePort = (): Promise<number> =>
  onFreePort(
    (port) =>
      new Promise((resolve, reject) => {
        const server = createServer().once('error', reject);
        server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
      }),
  );

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === 'EADDRINUSE') || /^Port \d+ of 127\.0\.0\.1 is in use/.test(error.message));
