import { createRandom } from '../faults/random.ts';
import { createAdapters } from './adapters.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { type HeapSample, heapGrowth, isWarm, sampleHeap } from './heap.ts';
import { drawInput, type Input, type Route, routesOf } from './requests.ts';
import { faultIn, isWrite } from './responseCheck.ts';
import { startRogueServer } from './rogueServer.ts';
import { createSender, type Output } from './send.ts';

/** The webhooks of alert senders. */
const TAKES_ANYTHING = /^\/api\/webhooks\/(?!freescout)|^\/v2\/enqueue/;

export interface FuzzOptions {
  seed: number;
  inputs: number;
  /** Sends only this input and prints it. */
  only: number | null;
  /** Only requests of alert senders, whose alerts are taken; otherwise everything else, too, and none are taken. */
  webhooks: boolean;
  /** How much later than its deadline a response may come, because the machine may be busy. */
  toleranceMs: number;
  /** False if other code runs in this process too. */
  watchHeap: boolean;
}

export interface Fault {
  /** The number of the input, or of the first input of its batch if it cannot be attributed. */
  input: number;
  what: string;
}

export interface FuzzResult extends FuzzOptions {
  /** Less than `inputs` if the run was stopped early. */
  sent: number;
  passed: boolean;
  faults: Fault[];
  /** The number of responses by route and status. */
  counts: Record<string, Record<string, number>>;
  seconds: number;
  perSecond: number;
  /** How often the tables were looked at, and for what. */
  looked: { times: number; why: string };
  /** Since the warm-up. */
  heap: HeapSample[];
}

const BATCH = 48;
/** Every other batch goes to the console and the API; the others are responses of FreeScout and Slack. */
const toHttp = (n: number): boolean => Math.floor(n / BATCH) % 2 === 0;
/** MiB that the heap may grow after the warm-up. */
export const HEAP_BOUND = 24;
const MOST_FAULTS = 50;

/** Sends all inputs of a seed and reports what was wrong. */
export async function runFuzz(
  options: FuzzOptions,
  databaseUrl: string,
  report: (line: string) => void = () => undefined,
  /** When aborted, the run ends early with a report of the inputs sent so far. */
  stopping: AbortSignal = new AbortController().signal,
): Promise<FuzzResult> {
  const { seed, inputs, only, toleranceMs } = options;
  const faults: Fault[] = [];
  const counts: FuzzResult['counts'] = {};
  const note = (input: number, what: string) => {
    if (faults.length < MOST_FAULTS) faults.push({ input, what });
    report(`input ${input}: ${what.slice(0, 500)}`);
  };
  const count = (route: string, outcome: string) => {
    counts[route] ??= {};
    counts[route][outcome] = (counts[route][outcome] ?? 0) + 1;
  };
  let current = 0;
  const crashed = (error: unknown) =>
    note(current, `uncaught error: ${error instanceof Error ? error.stack : String(error)}`);
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
  const heap: HeapSample[] = [];

  try {
    if (only !== null) {
      await sendOne(only);
    } else {
      let rows = { writes: '', tables: '' };
      for (let from = 0; from < inputs && !stopping.aborted; from += BATCH) {
        current = from;
        const batch = Array.from({ length: Math.min(BATCH, inputs - from) }, (_, n) => from + n);
        sent += batch.length;
        const changed = (await Promise.all(batch.map(sendOne))).some(Boolean);
        if (toHttp(from)) rows = await compare(from, changed, rows);
        if (from % (BATCH * 20) === 0) {
          const sample = sampleHeap(sent);
          if (isWarm(sent, inputs)) heap.push(sample);
          report(
            `${sent} of ${inputs} inputs, ${faults.length} faults, ${Math.round((performance.now() - began) / 1000)} s, ${sample.mib} MiB`,
          );
        }
      }
    }
    for (const line of environment.errors) note(current, `logged at ERROR: ${line.slice(0, 600)}`);
    const health = await fetch(`${environment.url}/healthz`).then(({ status }) => status);
    if (health !== 200) note(current, `answered ${health} to /healthz at the end`);
  } finally {
    sender.close();
    await environment.stop();
    await rogue.close();
    process.off('uncaughtException', crashed);
    process.off('unhandledRejection', crashed);
  }
  const seconds = (performance.now() - began) / 1000;
  if (options.watchHeap && only === null) {
    heap.push(sampleHeap(sent));
    if (heapGrowth(heap) > HEAP_BOUND) note(inputs, `the heap grew by ${heapGrowth(heap)} MiB`);
  }
  return {
    ...options,
    sent,
    passed: faults.length === 0,
    faults,
    counts,
    seconds: Math.round(seconds),
    perSecond: Math.round(sent / seconds),
    looked: { times: compared, why: 'after a batch in which every request was refused' },
    heap,
  };

  /** Resolves with whether the response says that something was changed. */
  async function sendOne(n: number): Promise<boolean> {
    if (!toHttp(n)) {
      const { route, outcome, fault } = await adapter(n);
      count(route, outcome);
      if (fault !== null) note(n, `${route}: ${fault}`);
      if (only !== null) report(`${route}: ${fault ?? outcome}`);
      return false;
    }
    const random = createRandom(`${seed} input ${n}`);
    const input = drawFor(n, routes, environment);
    const output = await sender.send(input, random);
    count(input.route, outcomeOf(input, output));
    const fault = faultIn(input, output, toleranceMs);
    if (fault !== null) note(n, `${input.method} ${input.target.slice(0, 200)} ${fault}`);
    if (only !== null) report(JSON.stringify({ ...input, body: input.body?.toString('latin1'), output }, null, 2));
    // A request whose sender hung up may have been processed.
    return isWrite(input) && output.status < 400;
  }

  function drawFor(n: number, known: readonly Route[], { known: values }: Environment): Input {
    const batch = Math.floor(n / BATCH);
    // Webhooks of senders accept any content, so that other batches leave them out: only then can all be refused.
    const routes = batch % 16 === 8 ? known : known.filter(({ path }) => !TAKES_ANYTHING.test(path));
    return drawInput(createRandom(`${seed} draw ${n}`), routes, values, batch % 16 === 0);
  }

  /** When every request of a batch was refused, nothing may have changed. */
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
      note(from, `tables changed although all requests were refused: ${before.tables} became ${tables}`);
    return { writes, tables };
  }
}

/** The status, or how the request ended without one. */
export const outcomeOf = ({ wire }: Input, { status }: Output): string => {
  if (status === -1) return 'not sent';
  return status === 0 ? (wire === null ? 'closed' : 'hung up') : String(status);
};
