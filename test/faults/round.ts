import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from './environment.ts';
import { createFaultInjector } from './faultInjector.ts';
import { count, type Ledger } from './ledger.ts';
import type { Operators } from './operators.ts';
import type { Round } from './plan.ts';
import { createProgressWatch } from './progressWatch.ts';
import type { Random } from './random.ts';
import { createRepeatedMessages } from './repeatedMessages.ts';
import { startRoundTimer } from './roundTimer.ts';
import type { Senders } from './senders.ts';
import { REPEATING_SOURCES } from './sources.ts';

export interface RoundParts {
  environment: Environment;
  ledger: Ledger;
  senders: Senders;
  operators: Operators;
  random: Random;
}

/** The share of alerts left firing by earlier rounds that are resolved in this one. */
const RESOLVED_SHARE = 0.7;
/** The first checks and an outage of FreeScout together. */
const FOR_TICKET_MS = 90_000;
/** Checks without an end of any of the remaining parts, after which they count as stuck. */
const END_CHECKS = 360;
const END_CHECK_MS = 500;

/**
 * Plays one round: load and faults as planned. Resolves with the instant of the last fault, and with the parts of the load
 * that had not ended long after it.
 */
export async function playRound(round: Round, parts: RoundParts): Promise<{ lastFaultAt: number; left: string[] }> {
  const { environment, ledger, senders, operators, random } = parts;
  const timer = startRoundTimer();
  const injector = createFaultInjector(environment, ledger, timer);
  const running = new Map<Promise<unknown>, string>();
  const follow = (what: string, work: Promise<unknown>) => {
    const followed = work.finally(() => running.delete(followed));
    running.set(followed, what);
  };
  const at = (what: string, ms: number, work: () => unknown) =>
    follow(
      what,
      timer.pause(ms).then((continues) => (continues ? work() : undefined)),
    );

  environment.dependencies.setFaultLevel('normal');
  for (const { from, until } of round.outages) {
    at('an outage', from, () => environment.dependencies.setFaultLevel('outage'));
    at('the end of an outage', until, () => environment.dependencies.setFaultLevel('normal'));
  }
  for (const key of [...ledger.expected.keys()]) {
    if (ledger.expected.get(key)?.firing && random.chance(RESOLVED_SHARE))
      at(`the end of ${key}`, random.between(0, round.ms * 0.8), () => senders.close(key));
  }
  for (const incident of round.incidents) {
    at(`incident ${incident.n}`, incident.at, () => {
      count(ledger.counts, 'incidents');
      return senders.perform(incident, timer);
    });
  }
  for (const source of REPEATING_SOURCES) follow(`the repetitions of ${source}`, senders.repeat(source, timer));
  for (const clicks of round.clicks) at('a click', clicks.at, () => operators.click(clicks));
  for (const change of round.surfaceChanges) at('a service', change.at, () => operators.changeService(change));
  for (const edit of round.ticketEdits) at('a ticket edit', edit.at, () => operators.editTicket(edit));
  for (const span of round.flagOff) at('the flag', span.from, () => operators.flagOff(span, timer));
  const repeated = createRepeatedMessages(environment.database.server, ledger);
  for (const { at: ms, lateMs } of round.repeats) at('a repeated message', ms, () => repeated.send(lateMs));
  for (const fault of round.faults) at('a fault', fault.at, () => injector.inject(fault));

  await timer.pause(round.ms);
  timer.end();
  await injector.over();
  environment.dependencies.setFaultLevel('normal');
  // In a short round on a slow machine, no click may have met a degraded service so far.
  await operators.clickForTicket(random.whole(0, environment.surfaceIds.length - 1), FOR_TICKET_MS);
  await awaitParts(running, round.ms);
  await awaitMostWork(environment, round.ms);
  environment.dependencies.setFaultLevel('off');
  const lastFaultAt = Date.now();
  return { lastFaultAt, left: await stuckParts(running) };
}

/**
 * On an overloaded machine most of the work is still queued when the load ends. Faults of calls continue until it is done,
 * or for as long again, so that they strike work and not only waiting.
 */
async function awaitMostWork({ database }: Environment, atMostMs: number): Promise<void> {
  for (const until = performance.now() + atMostMs; performance.now() < until; ) {
    const [left] = await database.server.rows<{ n: number }>(LEFT).catch(() => []);
    if (left && left.n <= FEW) return;
    await sleep(1_000);
  }
}

const LEFT = "select count(*)::int as n from effects where status in ('pending', 'running')";
/** Effects that are by now retried only every minute wait for the end of the faults. */
const FEW = 100;

/** Waits for what senders and operators have begun, for this time at most. */
async function awaitParts(running: ReadonlyMap<Promise<unknown>, string>, withinMs: number): Promise<void> {
  const waited = startRoundTimer();
  const giveUp = setTimeout(waited.end, withinMs);
  await waited.until(Promise.all(running.keys()));
  clearTimeout(giveUp);
}

/** Waits for the same as long as part after part ends; resolves with the names of those that do not. */
async function stuckParts(running: ReadonlyMap<Promise<unknown>, string>): Promise<string[]> {
  const watch = createProgressWatch(END_CHECKS);
  while (running.size > 0) {
    if (watch.isStuck(running.size)) return [...running.values()];
    await sleep(END_CHECK_MS);
  }
  return [];
}
