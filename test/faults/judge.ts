import { checkClicks } from './check/clicks.ts';
import { notCovered } from './check/coverage.ts';
import { checkEvents } from './check/episodes.ts';
import { checkFlapping } from './check/flapping.ts';
import { checkMessages } from './check/messages.ts';
import { checkProgram } from './check/program.ts';
import { checkReleases } from './check/releases.ts';
import { checkTickets } from './check/tickets.ts';
import type { Violation } from './check/verdict.ts';
import { checkWebhooks } from './check/webhooks.ts';
import type { Control, Environment } from './environment.ts';
import { readFinalState } from './finalState.ts';
import { count, type Ledger } from './ledger.ts';
import type { FaultCounts } from './planFaults.ts';
import type { Calls, FaultProxy } from './proxy.ts';
import { WEBHOOK_SOURCES } from './sources.ts';
import { PARKED } from './surfacesFile.ts';

export interface RunOptions {
  seed: number;
  incidents: number;
  seconds: number;
  control: Control | null;
  rare: FaultCounts;
}

/** The result of a run, as it is printed or written as JSON. */
export interface Result extends RunOptions {
  passed: boolean;
  tookSeconds: number;
  violations: Violation[];
  /** Seconds from the last fault of each round until the program was idle. */
  recoveries: number[];
  freescoutCalls: Calls;
  slackCalls: Calls;
  freescoutFaults: Record<string, number>;
  slackFaults: Record<string, number>;
  /** How often each kind of load, fault and ticket edit happened, by its name. */
  counts: Record<string, number>;
  tickets: ReturnType<typeof checkTickets>['counts'];
  clicks: ReturnType<typeof checkClicks>['counts'];
  messages: ReturnType<typeof checkMessages>['counts'];
  webhooks: ReturnType<typeof checkWebhooks>['counts'];
  flapping: ReturnType<typeof checkFlapping>['counts'];
  releases: ReturnType<typeof checkReleases>['counts'];
  senderCalls: Calls;
  senderFaults: Record<string, number>;
  acknowledged: number;
  takeovers: Ledger['takeovers'];
  /** Seconds from the end of each primary until the next emission that was sent after it was acknowledged. */
  failovers: (number | null)[];
  /** The folder with logs and database; null if it was deleted. */
  dir: string | null;
}

/** Compares the final state with what the program promised. */
export async function judge(
  options: RunOptions,
  environment: Environment,
  ledger: Ledger,
  before: Violation[],
): Promise<Omit<Result, 'recoveries' | 'tookSeconds' | 'dir'>> {
  const { dependencies } = environment;
  const facts = await readFinalState(environment.database.server, dependencies);
  const tickets = checkTickets(facts, ledger);
  const clicks = checkClicks(facts, ledger);
  const messages = checkMessages(facts, ledger);
  const webhooks = checkWebhooks(facts, ledger, Object.keys(WEBHOOK_SOURCES));
  const releases = checkReleases(facts, ledger);
  const flapping = checkFlapping(facts.moves);
  const violations = [
    ...before,
    ...checkEvents(facts, ledger),
    ...tickets.violations,
    ...clicks.violations,
    ...messages.violations,
    ...webhooks.violations,
    ...releases.violations,
    ...flapping.violations,
    ...checkProgram(facts, ledger, environment.fleet.complaints, PARKED),
    ...notCovered(options, ledger, { clicksWithTicket: clicks.counts.withTicket, releases: facts.releases }),
  ];
  const { freescoutProxy, slackProxy } = dependencies;
  const { proxies } = environment.gateways;
  return {
    ...options,
    passed: violations.length === 0,
    violations,
    freescoutCalls: sum([freescoutProxy]),
    slackCalls: sum([slackProxy]),
    senderCalls: sum(proxies),
    freescoutFaults: faultsOf([freescoutProxy]),
    slackFaults: faultsOf([slackProxy]),
    senderFaults: faultsOf(proxies),
    counts: Object.fromEntries(ledger.counts),
    tickets: tickets.counts,
    clicks: clicks.counts,
    messages: messages.counts,
    webhooks: webhooks.counts,
    releases: releases.counts,
    flapping: flapping.counts,
    acknowledged: ledger.acks.length,
    takeovers: ledger.takeovers,
    failovers: ledger.failovers.map((at) => secondsUntilNextAck(at, ledger)),
  };
}

function secondsUntilNextAck(at: number, { acks }: Ledger): number | null {
  const next = Math.min(...acks.filter(({ sentAt }) => sentAt >= at).map(({ ackedAt }) => ackedAt));
  return Number.isFinite(next) ? Math.round((next - at) / 100) / 10 : null;
}

function sum(proxies: readonly FaultProxy[]): Calls {
  const total: Calls = { all: 0, duringFaults: 0, faulted: 0 };
  for (const { all, duringFaults, faulted } of proxies.flatMap(({ calls }) => [...calls.values()])) {
    total.all += all;
    total.duringFaults += duringFaults;
    total.faulted += faulted;
  }
  return total;
}

function faultsOf(proxies: readonly FaultProxy[]): Record<string, number> {
  const total = new Map<string, number>();
  for (const [name, n] of proxies.flatMap(({ faults }) => [...faults])) count(total, name, n);
  return Object.fromEntries(total);
}
