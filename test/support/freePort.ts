import { createServer } from 'node:net';

/** Below the ports that the system gives away, so that nobody is given one between our finding it and its use. */
const FIRST = 12_000;
/** For each worker of the tests, of which each runs one file at a time. */
const EACH = 1_000;

let given = 0;

/** A port of loopback for something that is started later, or that comes back where it was. */
export async function freePort(): Promise<number> {
  const first = FIRST + (Number(process.env.VITEST_POOL_ID ?? 0) % 8) * EACH;
  for (; given < EACH; given += 1) {
    if (await isFree(first + given)) return first + given++;
  }
  throw new Error(`no port is free from ${first} on`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((tell) => {
    const probe = createServer().once('error', () => tell(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => tell(true)));
  });
}
