import { rmSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../src/lib/progress.ts';
import { comeToRest } from './awaitIdle.ts';
import { checkClicks } from './check/clicks.ts';
import { checkEvents } from './check/episodes.ts';
import { checkMessages } from './check/messages.ts';
import { checkHouse } from './check/program.ts';
import { checkTickets } from './check/tickets.ts';
import { type Violation, violation } from './check/verdict.ts';
import { buildWorld, type Control, PARKED, SOURCES, SURFACES, WEBS, WORKERS, type World } from './environment.ts';
import { gatherFacts } from './facts.ts';
import { createLedger, type Ledger, ledgerText } from './ledger.ts';
import { createOperators } from './operators.ts';
import { makePlan } from './plan.ts';
import type { Calls, FaultProxy } from './proxy.ts';
import { createRandom } from './random.ts';
import { playRound } from './round.ts';
import { createSenders } from './senders.ts';

export interface RunOptions {
  seed: number;
  incidents: number;
  seconds: number;
  control: Control | null;
}

/** All that a run came to, ready to be shown or written as JSON. */
export interface Result extends RunOptions {
  passed: boolean;
  tookSeconds: number;
  violations: Violation[];
  /** Seconds from the last fault of each round to rest. */
  recoveries: number[];
  deskCalls: Calls;
  slackCalls: Calls;
  deskFaults: Record<string, number>;
  slackFaults: Record<string, number>;
  /** What was sent, struck and done by hand, by its name. */
  counts: Record<string, number>;
  tickets: ReturnType<typeof checkTickets>['counts'];
  clicks: ReturnType<typeof checkClicks>['counts'];
  messages: ReturnType<typeof checkMessages>['counts'];
  acknowledged: number;
  /** Logs and database, kept where something is wrong. */
  dir: string | null;
}

/** Runs the whole program under faults in a temporary folder, and checks what stands in the end. */
export async function runFaults(options: RunOptions, progress: Progress, keep = false): Promise<Result> {
  const began = performance.now();
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-faults-'));
  // Postgres may run as another user, who has to get to its own folder in there.
  await chmod(dir, 0o711);
  const cleanUp = () => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  process.once('exit', cleanUp);
  const ledger = createLedger();
  const random = (what: string) => createRandom(`${options.seed} ${what}`);
  const plan = makePlan({ ...options, processes: WEBS + WORKERS, surfaces: SURFACES, sources: SOURCES });

  progress.say('building the world');
  const world = await buildWorld({ dir, ledger, random, control: options.control });
  try {
    const { webs, tokens, adminToken, surfaceIds, outside } = world;
    const senders = createSenders({ webs, tokens, ledger, random: random('senders'), ticketOf: outside.tickets.of });
    const operators = createOperators({ webs, adminToken, surfaceIds, outside, ledger, random: random('operators') });
    await ready(world);
    await operators.setFlags(true);

    const violations: Violation[] = [];
    const recoveries: number[] = [];
    for (const [n, round] of plan.rounds.entries()) {
      const stop = progress.follow(`round ${n + 1} of ${plan.rounds.length}`, round.ms, () => status(ledger));
      const { lastFaultAt, left } = await playRound(round, {
        world,
        ledger,
        senders,
        operators,
        random: random(`round ${n}`),
      });
      stop();
      violations.push(...left.map((what) => violation('no_rest', `${what} did not end`)));
      progress.say('coming to rest');
      const rest = await comeToRest(world, senders, lastFaultAt);
      recoveries.push(Math.round(rest.tookMs / 100) / 10);
      violations.push(...rest.violations);
    }
    progress.say('checking');
    const result = await judge(options, world, ledger, violations);
    const kept = keep || !result.passed ? dir : null;
    if (kept !== null) {
      process.off('exit', cleanUp);
      await writeFile(join(dir, 'ledger.json'), ledgerText(ledger));
    }
    return { ...result, recoveries, tookSeconds: Math.round((performance.now() - began) / 1000), dir: kept };
  } finally {
    progress.done();
    await world.stop();
  }
}

async function judge(
  options: RunOptions,
  world: World,
  ledger: Ledger,
  before: Violation[],
): Promise<Omit<Result, 'recoveries' | 'tookSeconds' | 'dir'>> {
  const { outside } = world;
  const facts = await gatherFacts(world.database, outside);
  const tickets = checkTickets(facts, ledger);
  const clicks = checkClicks(facts, ledger);
  const messages = checkMessages(facts, ledger);
  const violations = [
    ...before,
    ...checkEvents(facts, ledger),
    ...tickets.violations,
    ...clicks.violations,
    ...messages.violations,
    ...checkHouse(facts, ledger, world.fleet.complaints, PARKED),
  ];
  const { deskProxy, slackProxy } = outside;
  return {
    ...options,
    passed: violations.length === 0,
    violations,
    deskCalls: sum(deskProxy),
    slackCalls: sum(slackProxy),
    deskFaults: Object.fromEntries(deskProxy.faults),
    slackFaults: Object.fromEntries(slackProxy.faults),
    counts: Object.fromEntries(ledger.counts),
    tickets: tickets.counts,
    clicks: clicks.counts,
    messages: messages.counts,
    acknowledged: ledger.acks.length,
  };
}

/** Every process serves before the first fault strikes. */
async function ready({ fleet }: World): Promise<void> {
  while (!fleet.units.every((unit) => unit.isUp())) {
    const [ended] = fleet.complaints;
    if (ended) throw new Error(`${ended.unit} does not start: ${ended.text}`);
    await sleep(100);
  }
}

function status({ counts, creates }: Ledger): string {
  return `${counts.get('incidents') ?? 0} incidents, ${creates.length} tickets, ${counts.get('strike: kill') ?? 0} kills`;
}

function sum({ calls }: FaultProxy): Calls {
  const total: Calls = { all: 0, rough: 0, faulty: 0 };
  for (const { all, rough, faulty } of calls.values()) {
    total.all += all;
    total.rough += rough;
    total.faulty += faulty;
  }
  return total;
}
