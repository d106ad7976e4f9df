import { createRandom } from '../../faults/random.ts';
import { type HeapSample, heapGrowth, isWarm, sampleHeap } from '../heap.ts';
import type { Input } from '../requests.ts';
import { faultIn } from '../responseCheck.ts';
import { type FuzzOptions, type FuzzResult, HEAP_BOUND, outcomeOf } from '../run.ts';
import type { Output } from '../send.ts';
import { allApplied, checkRows, wrongProbes } from './checks.ts';
import { drawWebhook } from './inputs.ts';
import { type Probe, probesOf } from './probes.ts';
import { startTarget, type Target } from './target.ts';

const BATCH = 48;
/** After so many inputs the run waits until all were worked on, and looks at what came of them. */
const ROUND = BATCH * 20;
const MOST_FAULTS = 50;

/** Sends all inputs of a seed to the webhooks of senders, has their alerts taken, and reports what was wrong. */
export async function runWebhookFuzz(
  options: FuzzOptions,
  databaseUrl: string,
  report: (line: string) => void = () => undefined,
  /** When aborted, the run ends early with a report of the inputs sent so far. */
  stopping: AbortSignal = new AbortController().signal,
): Promise<FuzzResult> {
  const { inputs, only } = options;
  const tally = createTally(report);
  const heap: HeapSample[] = [];
  const last = only === null ? inputs : 1;
  let [sent, lastRow, times] = [0, 0, 0];
  const began = performance.now();
  const target = await startTarget(options.seed, databaseUrl, (error) =>
    tally.note(sent, `uncaught error: ${error instanceof Error ? error.stack : String(error)}`),
  );
  try {
    for (let from = 0; from < last && !stopping.aborted; from += ROUND) {
      const until = Math.min(last, from + ROUND);
      const probes = only === null ? probesOfRound(from / ROUND) : [];
      const accepted = await sendRound({ target, tally, options, report }, { from, until, probes });
      sent = until;
      lastRow = await look(target, tally, { from, lastRow, accepted, probes });
      times += 1;
      const sample = sampleHeap(sent);
      if (isWarm(sent, inputs)) heap.push(sample);
      const seconds = Math.round((performance.now() - began) / 1000);
      report(`${sent} of ${last} inputs, ${tally.faults.length} faults, ${seconds} s, ${sample.mib} MiB`);
    }
    for (const line of target.environment.errors) tally.note(sent, `logged at ERROR: ${line.slice(0, 600)}`);
    if (options.watchHeap && heapGrowth(heap) > HEAP_BOUND)
      tally.note(inputs, `the heap grew by ${heapGrowth(heap)} MiB`);
  } finally {
    await target.stop();
  }
  const seconds = (performance.now() - began) / 1000;
  const { faults, counts } = tally;
  return {
    ...{ ...options, sent, passed: faults.length === 0, faults, counts, heap },
    ...{ seconds: Math.round(seconds), perSecond: Math.round(sent / seconds) },
    looked: { times, why: 'once every request of a round was worked on' },
  };
}

/** What is counted and found wrong in a run. */
interface Tally extends Pick<FuzzResult, 'faults' | 'counts'> {
  note(input: number, what: string): void;
  count(input: Input, output: Output): void;
}

function createTally(report: (line: string) => void): Tally {
  const faults: Tally['faults'] = [];
  const counts: Tally['counts'] = {};
  return {
    faults,
    counts,
    note(input, what) {
      if (faults.length < MOST_FAULTS) faults.push({ input, what });
      report(`input ${input}: ${what.slice(0, 500)}`);
    },
    count(input, output) {
      const outcomes = counts[input.route] ?? {};
      counts[input.route] = outcomes;
      const outcome = outcomeOf(input, output);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    },
  };
}

/** Probes of this round begin, and those of the last one end. */
const probesOfRound = (round: number): Probe[] => [
  ...probesOf(round, 'firing'),
  ...(round > 0 ? probesOf(round - 1, 'resolved') : []),
];

interface Sending {
  target: Target;
  tally: Tally;
  options: FuzzOptions;
  report: (line: string) => void;
}

/** Sends the inputs with the probes among them. Resolves with how many requests were answered with 2xx. */
async function sendRound(
  { target, tally, options, report }: Sending,
  { from, until, probes }: { from: number; until: number; probes: readonly Probe[] },
): Promise<number> {
  const { seed, only, toleranceMs } = options;
  let accepted = 0;

  async function sendOne(input: Input, n: number): Promise<void> {
    const output = await target.send(input, createRandom(`${seed} input ${n}`));
    tally.count(input, output);
    // The handshake of CloudEvents stores nothing.
    if (output.status >= 200 && output.status < 300 && input.method !== 'OPTIONS') accepted += 1;
    const fault = faultIn(input, output, toleranceMs);
    if (fault !== null) tally.note(n, `${input.method} ${input.target.slice(0, 200)} ${fault}`);
    if (only !== null) report(JSON.stringify({ ...input, body: input.body?.toString('latin1'), output }, null, 2));
  }

  const due = [...probes];
  for (let first = from; first < until; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, until - first) }, (_, n) => only ?? first + n);
    const mine = due.splice(0, first + BATCH >= until ? due.length : 1);
    await Promise.all([
      ...batch.map((n) => sendOne(drawWebhook(createRandom(`${seed} webhook ${n}`), n), n)),
      ...mine.map(({ input }) => sendOne(input, first)),
    ]);
  }
  return accepted;
}

/** Looks at everything that the requests of a round have led to. Resolves with the id of the last one. */
async function look(
  { environment: { pool } }: Target,
  { note }: Tally,
  round: { from: number; lastRow: number; accepted: number; probes: readonly Probe[] },
): Promise<number> {
  const { from, lastRow, accepted, probes } = round;
  if (!(await allApplied(pool))) note(from, 'requests wait, and do not get fewer');
  const { faults, stored, last } = await checkRows(pool, lastRow);
  for (const fault of faults) note(from, fault);
  if (stored !== accepted)
    note(from, `${accepted} requests of the round were answered with 2xx, but ${stored} are stored`);
  for (const wrong of await wrongProbes(pool, probes)) note(from, wrong);
  return last;
}
