import type { FilingResult } from '../../machines/shared/protocol.ts';
import { type SteadyClock, steadyClock } from '../lib/clock.ts';
import type { Log } from '../log/log.ts';
import type { Admission } from './admission.ts';
import { AGAIN_MS, type Attempt, createAttempt, NotTaken, type Outcome } from './filingAttempt.ts';
import { createFilingBudget, type FilingBudget } from './filingBudget.ts';
import { createFilingDecision, type FilingDecision } from './filingDecision.ts';
import { createDoubt } from './filingDoubt.ts';
import { createFinisher, failed, IN_DOUBT_ELSEWHERE, refused } from './filingResult.ts';
import type { Filing, FilingStore } from './filingStore.ts';
import { findReusable } from './findReusable.ts';
import { type HelpDesk, type Ticket, TicketError } from './port.ts';
import { createTicketRecorder } from './ticketRecorder.ts';

/**
 * Files one ticket exactly once on a help desk that has no idempotency key and no transaction, and that
 * sets tags only in a second call:
 *
 *   intent (committed with the transition) → attempt (committed before the call) → create → id → tags → result
 *
 * An attempt whose answer was lost is in doubt: the ticket is looked up by its marker, and nothing is posted
 * again before the doubt is over. Safe to run any number of times, in any process, after a crash at any point.
 */
export interface FilingProtocol {
  decide: FilingDecision;
  /**
   * Takes the filing as far as possible. `probe` lets it through while the help desk counts as failing. A ticket that
   * the help desk did not take is tried again later, unless this is its `last` try: then it throws TicketError
   * `rejected`, not in doubt. `inMs`: run it again later.
   */
  file(filingId: string, options: { probe: boolean; last?: boolean; signal: AbortSignal }): Promise<Outcome>;
  /** Looks up a ticket that may have been created; `inMs`: look up again later. Throws as `file` does. */
  settle(filingId: string, options: { last?: boolean; signal: AbortSignal }): Promise<Outcome>;
  /** Sets the tags of a ticket that was created. Throws TicketError. */
  tag(filingId: string, signal: AbortSignal): Promise<void>;
}

export interface FilingDeps {
  store: FilingStore;
  /** A filing that this process has just stored, as it is stored; null where it has to be read. */
  takeNew?: (filingId: string) => Filing | null;
  desk: HelpDesk;
  admission: Admission;
  /** Whether the circuit breaker of the help desk needs to know of a success at this moment. */
  awaitsSuccess: () => Promise<boolean>;
  settings: { timeoutMs: number; inDoubtSeconds: number };
  consoleUrl: string;
  log: Log;
  time?: SteadyClock;
}

const MIN_RETRY_AFTER_FAILED_LOOK_UP_MS = 5_000;

export function createFilingProtocol(deps: FilingDeps): FilingProtocol {
  const { store, takeNew = () => null, desk, awaitsSuccess, settings, log, time = steadyClock } = deps;
  const { finish, tag } = createFinisher({ store, desk, awaitsSuccess });
  const recorder = createTicketRecorder({ store, time, log });
  const doubt = createDoubt({ recorder, desk, inDoubtSeconds: settings.inDoubtSeconds, finish, log });
  const attempt = createAttempt({ ...deps, time, finish, doubt, recorder, closeWith, closeWithOpenTicket, readFiling });

  return {
    decide: createFilingDecision(deps),
    file,
    settle,
    tag: async (filingId, signal) => tag(await readFiling(filingId), signal),
  };

  async function file(
    filingId: string,
    { probe, last = false, signal }: { probe: boolean; last?: boolean; signal: AbortSignal },
  ): Promise<Outcome> {
    const filing = takeNew(filingId) ?? (await recorder.recall(await readFiling(filingId), signal));
    const budget = createFilingBudget(filing, settings.timeoutMs, signal, time);
    if (filing.ticketId !== null) return finish(filing, !filing.adopted, budget);
    if (filing.phase === 'withdrawn') return refused('withdrawn');
    if (filing.phase === 'attempting') return resumeInDoubt(filing, { probe, last, budget });
    return tryAttempt(filing, budget, async () => {
      const { request } = filing;
      if (request.path !== 'investigate') return attempt(filing, { probe, last, budget, earlier: null });
      const [{ reusable, earlier }, lastCheck] = await Promise.all([
        findReusable({ store, desk }, request, budget.nextCall()),
        store.lastCheck(request.surfaceId),
      ]);
      if (reusable) return reuseTicket(filing, reusable, budget);
      return attempt(filing, { probe, last, budget, earlier, lastCheck });
    });
  }

  /** An earlier run ended in the middle of its attempt. */
  async function resumeInDoubt(
    filing: Filing,
    { probe, last, budget }: { probe: boolean; last: boolean; budget: FilingBudget },
  ): Promise<Outcome> {
    let found: FilingResult | null;
    try {
      found = await doubt.lookUp(filing, budget);
    } catch (error) {
      if (!(error instanceof TicketError) || budget.isStopping()) throw error;
      return { outcome: 'doubt' };
    }
    if (found) return found;
    if (!doubt.isOver(filing)) return IN_DOUBT_ELSEWHERE;
    // A click is posted at most once; another POST needs another click.
    if (filing.withdrawn || filing.path === 'investigate') return closeWith(filing, refused('withdrawn'));
    return tryAttempt(filing, budget, () => attempt(filing, { probe, last, budget, earlier: null }));
  }

  async function settle(
    filingId: string,
    { last = false, signal }: { last?: boolean; signal: AbortSignal },
  ): Promise<Outcome> {
    const filing = await recorder.recall(await readFiling(filingId), signal);
    const budget = createFilingBudget({ ...filing, leftMs: null }, settings.timeoutMs, signal, time);
    if (filing.ticketId !== null) return finish(filing, !filing.adopted, budget);
    const isOver = doubt.isOver(filing);
    let found: FilingResult | null;
    try {
      found = await doubt.lookUp(filing, budget);
    } catch (error) {
      // A failed look-up proves nothing: the doubt lasts until one look-up succeeds.
      if (!(error instanceof TicketError)) throw error;
      return { inMs: Math.max(doubt.nextLookUpMs(filing), MIN_RETRY_AFTER_FAILED_LOOK_UP_MS) };
    }
    if (found) return found;
    if (!isOver) return { inMs: doubt.nextLookUpMs(filing) };
    if (filing.path !== 'investigate' && !filing.withdrawn) await store.takeBackAttempt(filing);
    else if (!(await store.close(filing))) return { inMs: AGAIN_MS };
    if (filing.refusal !== null) return notTaken(filing, new TicketError('rejected', filing.refusal), last);
    return failed('unavailable', false);
  }

  /** An open ticket exists already, so the filing ends with it. A ticket without a row in `filings` is adopted. */
  async function reuseTicket(
    filing: Filing,
    { ticket, adopt }: { ticket: Ticket; adopt: boolean },
    budget: FilingBudget,
  ): Promise<Outcome> {
    if (!adopt) return closeWithOpenTicket(filing, ticket);
    const adopted = await store.adopt(filing, ticket);
    // Another run has begun an attempt or ended the filing, and the next run finds out which.
    return adopted ? finish(adopted, false, budget) : { inMs: AGAIN_MS };
  }

  async function closeWithOpenTicket(filing: Filing, { id, url }: Ticket): Promise<FilingResult> {
    await store.recordReuse(id);
    const whileFailing = await awaitsSuccess();
    return closeWith(filing, { outcome: 'filed', ticket: { id, url }, created: false, tagged: true, whileFailing });
  }

  /** Turns a failure that leaves nothing in doubt into a result. A click's filing is closed; an alert's is retried. */
  async function tryAttempt(filing: Filing, budget: FilingBudget, run: () => ReturnType<Attempt>): Promise<Outcome> {
    try {
      return await run();
    } catch (error) {
      // A stopping process hands its filing back: that it was not finished is not the help desk's fault.
      if (!(error instanceof TicketError) || budget.isStopping()) throw error;
      if (filing.path === 'investigate' && !(await store.close(filing))) return IN_DOUBT_ELSEWHERE;
      if (!(error instanceof NotTaken)) return failed(error.problem, false);
      return notTaken(filing, error, error.last);
    }
  }

  /**
   * The help desk had this ticket and did not take it. A click shows it to the operator. An alert's filing is tried
   * again; after its last try it becomes a dead letter.
   */
  async function notTaken({ id, path }: Filing, error: TicketError, last: boolean): Promise<FilingResult> {
    if (path === 'investigate') return failed(error.problem, error.problem === 'rejected');
    if (!last) return failed(error.problem, true);
    // A withdrawn filing is not needed any more, so nobody has to deal with its rejection.
    if ((await readFiling(id)).withdrawn) return refused('withdrawn');
    throw new TicketError('rejected', error.message, { httpStatus: error.httpStatus, code: error.code });
  }

  /** Ends a filing without a ticket of its own; in doubt when another process began an attempt meanwhile. */
  async function closeWith(filing: Filing, result: FilingResult): Promise<FilingResult> {
    return (await store.close(filing)) ? result : IN_DOUBT_ELSEWHERE;
  }

  async function readFiling(filingId: string): Promise<Filing> {
    const filing = await store.read(filingId);
    if (!filing) throw new Error(`there is no filing ${filingId}`);
    return filing;
  }
}
