import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRandom } from '../faults/random.ts';
import { createAdapters } from './adapters.ts';
import { faultIn, isWrite } from './check.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { drawInput, type Input, type Route, routesOf } from './requests.ts';
import { startRogueServer } from './rogueServer.ts';
import { createSender, type Output } from './send.ts';

export interface FuzzOptions {
  seed: number;
  inputs: number;
  /** Runs this one input alone, and shows it. */
  only: number | null;
}

export interface Fault {
  /** The number of the input, or of the first of the batch where it cannot be told which one it was. */
  input: number;
  what: string;
}

export interface FuzzResult extends FuzzOptions {
  /** Fewer than asked for where it was stopped early. */
  sent: number;
  passed: boolean;
  faults: Fault[];
  /** How often each route was answered with each status. */
  counts: Record<string, Record<string, number>>;
  seconds: number;
  perSecond: number;
  /** Batches after which the tables were compared, because no answer in them said that something was done. */
  compared: number;
  /** MiB of heap in use after a collection, once everything was warm and at the end. */
  heap: { start: number; end: number };
}

const BATCH = 48;
/** Every other batch goes to the console and the API; the rest are answers of FreeScout and Slack. */
const toHttp = (n: number): boolean => Math.floor(n / BATCH) % 2 === 0;
/** Caches have their size by then. */
const WARM = 0.15;
const WARM_INPUTS = 10_000;
/** MiB that the heap may have grown since: caches that are bounded but not full, and what the collector has yet to see. */
export const HEAP_BOUND = 24;
const MOST_FAULTS = 50;

/** Sends everything that a seed draws, and says what was wrong. */
export async function runFuzz(
  options: FuzzOptions,
  databaseUrl: string,
  say: (line: string) => void = () => undefined,
  /** Aborted, it ends early and reports what was done by then. */
  stopping: AbortSignal = new AbortController().signal,
): Promise<FuzzResult> {
  const { seed, inputs, only } = options;
  const faults: Fault[] = [];
  const counts: FuzzResult['counts'] = {};
  const note = (input: number, what: string) => {
    if (faults.length < MOST_FAULTS) faults.push({ input, what });
    say(`input ${input}: ${what.slice(0, 500)}`);
  };
  const count = (route: string, outcome: string) => {
    counts[route] ??= {};
    counts[route][outcome] = (counts[route][outcome] ?? 0) + 1;
  };
  let current = 0;
  const crashed = (error: unknown) =>
    note(current, `nobody caught: ${error instanceof Error ? error.stack : String(error)}`);
  process.on('uncaughtException', crashed);
  process.on('unhandledRejection', crashed);

  const rogue = await startRogueServer(seed);
  const environment = await startEnvironment(databaseUrl, rogue.url);
  const sender = createSender(environment.url);
  const adapter = createAdapters({
    seed,
    url: rogue.url,
    freescout: environment.config.freescout,
    log: environment.log,
  });
  const routes = routesOf(await (await fetch(`${environment.url}/openapi.json`)).json());
  const began = performance.now();
  let sent = 0;
  let compared = 0;
  let heapAtStart = 0;

  try {
    if (only !== null) {
      await one(only);
    } else {
      let rows = { writes: '', tables: '' };
      for (let from = 0; from < inputs && !stopping.aborted; from += BATCH) {
        current = from;
        if (heapAtStart === 0 && from >= Math.min(inputs * WARM, WARM_INPUTS)) heapAtStart = heap();
        const batch = Array.from({ length: Math.min(BATCH, inputs - from) }, (_, n) => from + n);
        sent += batch.length;
        const changed = (await Promise.all(batch.map(one))).some(Boolean);
        if (toHttp(from)) rows = await compare(from, changed, rows);
        if (from % (BATCH * 20) === 0)
          say(
            `${from} of ${inputs}, ${faults.length} faults, ${Math.round((performance.now() - began) / 1000)} s, ${heap()} MiB`,
          );
      }
    }
    for (const line of environment.errors) note(current, `logged at ERROR: ${line.slice(0, 600)}`);
    const health = await fetch(`${environment.url}/healthz`).then(({ status }) => status);
    if (health !== 200) note(current, `answers ${health} to /healthz in the end`);
  } finally {
    sender.close();
    await environment.stop();
    await rogue.close();
    process.off('uncaughtException', crashed);
    process.off('unhandledRejection', crashed);
  }
  const seconds = (performance.now() - began) / 1000;
  const end = heap();
  if (only === null && end - heapAtStart > HEAP_BOUND) note(inputs, `the heap grew from ${heapAtStart} to ${end} MiB`);
  return {
    ...options,
    sent,
    passed: faults.length === 0,
    faults,
    counts,
    seconds: Math.round(seconds),
    perSecond: Math.round(sent / seconds),
    compared,
    heap: { start: heapAtStart, end },
  };

  /** True where the answer says that something was done. */
  async function one(n: number): Promise<boolean> {
    if (!toHttp(n)) {
      const { route, outcome, fault } = await adapter(n);
      count(route, outcome);
      if (fault !== null) note(n, `${route}: ${fault}`);
      if (only !== null) say(`${route}: ${fault ?? outcome}`);
      return false;
    }
    const random = createRandom(`${seed} input ${n}`);
    const input = drawFor(n, routes, environment);
    const output = await sender.send(input, random);
    count(input.route, outcomeOf(input, output));
    const fault = faultIn(input, output);
    if (fault !== null) note(n, `${input.method} ${input.target.slice(0, 200)} ${fault}`);
    if (only !== null) say(JSON.stringify({ ...input, body: input.body?.toString('latin1'), output }, null, 2));
    // Who hung up may have been served all the same.
    return isWrite(input) && output.status < 400;
  }

  function drawFor(n: number, known: readonly Route[], { known: values }: Environment): Input {
    const honest = Math.floor(n / BATCH) % 16 === 0;
    return drawInput(createRandom(`${seed} draw ${n}`), known, values, honest);
  }

  /** Where every answer of a batch was a refusal, nothing may have changed. */
  async function compare(
    from: number,
    changed: boolean,
    before: { writes: string; tables: string },
  ): Promise<{ writes: string; tables: string }> {
    if (changed) return { writes: '', tables: '' };
    const writes = await environment.writes();
    if (before.writes !== '') compared += 1;
    if (writes === before.writes) return before;
    const tables = await environment.rows();
    if (before.tables !== '' && tables !== before.tables)
      note(from, `changed although all was refused: ${before.tables} became ${tables}`);
    return { writes, tables };
  }
}

const outcomeOf = ({ wire }: Input, { status }: Output): string => {
  if (status === -1) return 'not sent';
  return status === 0 ? (wire === null ? 'closed' : 'hung up') : String(status);
};

/** MiB in use after a full collection. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
}
