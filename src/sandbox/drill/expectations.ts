import { setTimeout as sleep } from 'node:timers/promises';

/** The program did not behave as the runbook describes; the message contains what was expected. */
class DrillFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DrillFailed';
  }
}

const LOOK_EVERY_MS = 200;
/** Long enough for two retries of FreeScout, 30 s apart, on a machine that is ten times slower. Only a drill that fails waits so long. */
const TIMEOUT_S = 300;

/** Polls `look` until it returns a truthy value, and returns that value. Throws DrillFailed with the name of the condition on timeout. */
export async function until<T>(what: string, look: () => T | Promise<T>, seconds = TIMEOUT_S): Promise<NonNullable<T>> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found as NonNullable<T>;
    if (performance.now() > deadline) throw new DrillFailed(`${what}: not met within ${seconds} s`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Throws DrillFailed with both values unless they are equal as JSON. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (found !== wanted) throw new DrillFailed(`${what}: expected ${wanted}, found ${found}`);
}
