import { setTimeout as sleep } from 'node:timers/promises';

/** The program did not behave as the runbook promises; the message says what was expected. */
class DrillFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DrillFailed';
  }
}

const LOOK_EVERY_MS = 200;
/** Long enough for a retry of the help desk, every 30 s, on a busy machine. */
const PATIENCE_S = 75;

/** Waits until `look` answers something true, and answers that. Throws DrillFailed, naming what did not come. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  seconds = PATIENCE_S,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found as NonNullable<T>;
    if (performance.now() > deadline) throw new DrillFailed(`${what}: that did not happen within ${seconds} s`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Throws DrillFailed with what was found instead, unless both are the same as JSON. */
export function mustBe(what: string, found: unknown, wanted: unknown): void {
  const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (is !== should) throw new DrillFailed(`${what}: expected ${should}, found ${is}`);
}
