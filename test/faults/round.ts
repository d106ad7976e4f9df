import { type Environment, SOURCES } from './environment.ts';
import { count, type Ledger } from './ledger.ts';
import type { Operators } from './operators.ts';
import type { ProcessFault, Round } from './plan.ts';
import type { Random } from './random.ts';
import { type RoundTimer, startRoundTimer } from './roundTimer.ts';
import type { Senders } from './senders.ts';

export interface RoundParts {
  environment: Environment;
  ledger: Ledger;
  senders: Senders;
  operators: Operators;
  random: Random;
}

/** The share of alerts left firing by earlier rounds that are resolved in this one. */
const RESOLVED_SHARE = 0.7;
/** By then a process has recorded a response that it received, and a pool has reconnected. */
const RECORDED_WITHIN_MS = 500;
/** The sockets of a killed process stay open until the system has removed it, so a response may still be sent to it. */
const REMOVED_WITHIN_MS = 250;
/** Every emission is accepted and every click is answered well before this. */
const ENDS_MS = 180_000;

/**
 * Plays one round: load and faults as planned. Resolves with the instant of the last fault, and with the parts of the load
 * that had not ended long after it.
 */
export async function playRound(round: Round, parts: RoundParts): Promise<{ lastFaultAt: number; left: string[] }> {
  const { environment, ledger, senders, operators, random } = parts;
  const timer = startRoundTimer();
  const injector = createFaultInjector(parts, timer);
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
  for (const source of SOURCES) follow(`the repetitions of ${source}`, senders.repeat(source, timer));
  for (const clicks of round.clicks) at('a click', clicks.at, () => operators.click(clicks));
  for (const change of round.surfaceChanges) at('a service', change.at, () => operators.changeService(change));
  for (const edit of round.ticketEdits) at('a ticket edit', edit.at, () => operators.editTicket(edit));
  for (const span of round.flagOff) at('the flag', span.from, () => operators.flagOff(span, timer));
  for (const fault of round.processFaults) at('a fault', fault.at, () => injector.inject(fault));

  await timer.pause(round.ms);
  timer.end();
  await injector.over();
  environment.dependencies.setFaultLevel('normal');
  await unfinished(running, round.ms);
  await awaitMostWork(environment, round.ms);
  environment.dependencies.setFaultLevel('off');
  const lastFaultAt = Date.now();
  return { lastFaultAt, left: await unfinished(running, ENDS_MS) };
}

/**
 * On an overloaded machine most of the work is still queued when the load ends. Faults of calls continue until it is done,
 * or for as long again, so that they strike work and not only waiting.
 */
async function awaitMostWork({ database }: Environment, atMostMs: number): Promise<void> {
  for (const until = performance.now() + atMostMs; performance.now() < until; ) {
    const [left] = await database.rows<{ n: number }>(LEFT).catch(() => []);
    if (left && left.n <= FEW) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

const LEFT = "select count(*)::int as n from effects where status in ('pending', 'running')";
/** Effects that are by now retried only every minute wait for the end of the faults. */
const FEW = 100;

/** Waits for what senders and operators have begun; resolves with the names of what did not end in time. */
async function unfinished(running: ReadonlyMap<Promise<unknown>, string>, withinMs: number): Promise<string[]> {
  const waited = startRoundTimer();
  const giveUp = setTimeout(waited.end, withinMs);
  const all = await waited.until(Promise.all(running.keys()));
  clearTimeout(giveUp);
  return all ? [] : [...running.values()];
}

/** Injects faults. Those of the database are injected one after the other, each when the database is back. */
function createFaultInjector({ environment, ledger }: RoundParts, timer: RoundTimer) {
  const { fleet } = environment;
  let onDatabase: Promise<unknown> = Promise.resolve();
  let pausesUntil = 0;

  function injectIntoProcess({ what, on, ms }: ProcessFault): void {
    const { processes } = fleet;
    const chosen = processes.map((_, n) => processes[(on + n) % processes.length]).find((process) => process?.isUp());
    if (!chosen) return;
    count(ledger.counts, `fault: ${what}`);
    if (what === 'kill') {
      const at = Date.now();
      ledger.unrecordable.push({ from: at - RECORDED_WITHIN_MS, until: at + REMOVED_WITHIN_MS });
      chosen.kill();
    } else if (what === 'term') chosen.term();
    else if (what === 'clock') chosen.stepClock();
    else {
      const from = Date.now();
      ledger.pauses.push({ from, until: from + ms });
      pausesUntil = Math.max(pausesUntil, from + ms);
      chosen.pause(ms);
    }
  }

  async function injectIntoDatabase(what: ProcessFault['what']): Promise<void> {
    if (timer.ended) return;
    count(ledger.counts, `fault: ${what}`);
    const from = Date.now() - RECORDED_WITHIN_MS;
    if (what === 'connections_cut') await environment.cutConnections();
    else await environment.restartDatabase(what === 'database_kill' ? 'SIGKILL' : 'SIGQUIT');
    ledger.unrecordable.push({ from, until: Date.now() + RECORDED_WITHIN_MS });
  }

  return {
    inject(fault: ProcessFault): void {
      if (!/database|connections/.test(fault.what)) {
        injectIntoProcess(fault);
        return;
      }
      onDatabase = onDatabase.then(() => injectIntoDatabase(fault.what));
    },
    async over(): Promise<void> {
      await onDatabase;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, pausesUntil - Date.now())));
    },
  };
}
