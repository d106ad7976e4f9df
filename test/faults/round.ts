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

/** Of the alerts that the rounds before left open, so many are resolved in this one. */
const CLOSED_SHARE = 0.7;
/** Whoever got an answer has written it down by then, if they could; a pool has its connections back by then. */
const TELLS_WITHIN_MS = 500;
/** The connections of a killed process are open until the system has cleared it away: an answer still goes out, to nobody. */
const DIES_WITHIN_MS = 250;
/** An emission is heard, and a click answered, well before this. */
const ENDS_MS = 180_000;

/**
 * Plays one round to its end: load and faults as planned. Says when the last fault was over, and what of the load had not
 * come to its end long after.
 */
export async function playRound(round: Round, parts: RoundParts): Promise<{ lastFaultAt: number; left: string[] }> {
  const { environment, ledger, senders, operators, random } = parts;
  const stage = startRoundTimer();
  const striker = createFaultInjector(parts, stage);
  const running = new Map<Promise<unknown>, string>();
  const follow = (what: string, work: Promise<unknown>) => {
    const followed = work.finally(() => running.delete(followed));
    running.set(followed, what);
  };
  const at = (what: string, ms: number, work: () => unknown) =>
    follow(
      what,
      stage.pause(ms).then((goesOn) => (goesOn ? work() : undefined)),
    );

  environment.dependencies.setFaultLevel('rough');
  for (const { from, until } of round.outages) {
    at('weather', from, () => environment.dependencies.setFaultLevel('outage'));
    at('weather', until, () => environment.dependencies.setFaultLevel('rough'));
  }
  for (const key of [...ledger.expected.keys()]) {
    if (ledger.expected.get(key)?.firing && random.chance(CLOSED_SHARE))
      at(`the end of ${key}`, random.between(0, round.ms * 0.8), () => senders.close(key));
  }
  for (const incident of round.incidents) {
    at(`incident ${incident.n}`, incident.at, () => {
      count(ledger.counts, 'incidents');
      return senders.perform(incident, stage);
    });
  }
  for (const source of SOURCES) follow(`repetitions of ${source}`, senders.repeat(source, stage));
  for (const clicks of round.clicks) at('a click', clicks.at, () => operators.click(clicks));
  for (const broken of round.surfaceChanges) at('a service', broken.at, () => operators.changeService(broken));
  for (const act of round.ticketEdits) at('an act', act.at, () => operators.editTicket(act));
  for (const span of round.flagOff) at('the flag', span.from, () => operators.flagOff(span, stage));
  for (const strike of round.processFaults) at('a strike', strike.at, () => striker.strike(strike));

  await stage.pause(round.ms);
  stage.end();
  await striker.over();
  environment.dependencies.setFaultLevel('rough');
  await unfinished(running, round.ms);
  await awaitMostWork(environment, round.ms);
  environment.dependencies.setFaultLevel('calm');
  const lastFaultAt = Date.now();
  return { lastFaultAt, left: await unfinished(running, ENDS_MS) };
}

/**
 * On a machine that is out of breath most of the work is still to be done when the load ends. Calls go on being struck
 * until it is, or for as long again, so that faults meet the work and not only the waiting.
 */
async function awaitMostWork({ database }: Environment, atMostMs: number): Promise<void> {
  for (const until = performance.now() + atMostMs; performance.now() < until; ) {
    const [left] = await database.rows<{ n: number }>(LEFT).catch(() => []);
    if (left && left.n <= FEW) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

const LEFT = "select count(*)::int as n from effects where status in ('pending', 'running')";
/** What is tried again every minute by now is left to the calm. */
const FEW = 100;

/** What senders and operators began they end, in time and at the latest when all is calm; what they did not. */
async function unfinished(running: ReadonlyMap<Promise<unknown>, string>, withinMs: number): Promise<string[]> {
  const waited = startRoundTimer();
  const giveUp = setTimeout(waited.end, withinMs);
  const all = await waited.until(Promise.all(running.keys()));
  clearTimeout(giveUp);
  return all ? [] : [...running.values()];
}

/** Carries out strikes; those on the database one after the other, because it has to be back before it can be struck again. */
function createFaultInjector({ environment, ledger }: RoundParts, stage: RoundTimer) {
  const { fleet } = environment;
  let onDatabase: Promise<unknown> = Promise.resolve();
  let pausesUntil = 0;

  function onUnit({ what, on, ms }: ProcessFault): void {
    const { processes } = fleet;
    const chosen = processes.map((_, n) => processes[(on + n) % processes.length]).find((unit) => unit?.isUp());
    if (!chosen) return;
    count(ledger.counts, `strike: ${what}`);
    if (what === 'kill') {
      const at = Date.now();
      ledger.unrecordable.push({ from: at - TELLS_WITHIN_MS, until: at + DIES_WITHIN_MS });
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

  async function onDatabaseOnce(what: ProcessFault['what']): Promise<void> {
    if (stage.ended) return;
    count(ledger.counts, `strike: ${what}`);
    const from = Date.now() - TELLS_WITHIN_MS;
    if (what === 'connections_cut') await environment.cutConnections();
    else await environment.restartDatabase(what === 'database_kill' ? 'SIGKILL' : 'SIGQUIT');
    ledger.unrecordable.push({ from, until: Date.now() + TELLS_WITHIN_MS });
  }

  return {
    strike(strike: ProcessFault): void {
      if (!/database|connections/.test(strike.what)) {
        onUnit(strike);
        return;
      }
      onDatabase = onDatabase.then(() => onDatabaseOnce(strike.what));
    },
    async over(): Promise<void> {
      await onDatabase;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, pausesUntil - Date.now())));
    },
  };
}
