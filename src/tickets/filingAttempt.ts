import type { FilingResult } from '../../machines/shared/protocol.ts';
import type { SteadyClock } from '../lib/clock.ts';
import type { Admission, Refusal } from './admission.ts';
import { composeTicket } from './composeTicket.ts';
import type { FilingBudget } from './filingBudget.ts';
import type { Doubt } from './filingDoubt.ts';
import { createPost, type Posted } from './filingPost.ts';
import { type Finisher, failed, IN_DOUBT_ELSEWHERE, refused } from './filingResult.ts';
import type { Filing, FilingStore, LastCheck } from './filingStore.ts';
import { createFreshAdmission } from './freshAdmission.ts';
import { type HelpDesk, type NewTicket, type Ticket, TicketError } from './port.ts';
import type { TicketRecorder } from './ticketRecorder.ts';

const PREFLIGHT_VALID_MS = 10_000;
/**
 * Pause if this process was too late, because it was suspended or the database was slow, if a filing was held, or if another
 * process has it.
 */
export const AGAIN_MS = 1_000;

interface Options {
  probe: boolean;
  last: boolean;
  budget: FilingBudget;
  earlier: Ticket | null;
  /** Of the surface; read where left out. */
  lastCheck?: LastCheck | null;
}

/** `inMs`: nothing was posted, the help desk has no part in that, and the filing is to be run again. */
export type Outcome = FilingResult | { inMs: number };

/** One attempt to post a ticket. Throws TicketError when certainly nothing was posted. */
export type Attempt = (planned: Filing, options: Options) => Promise<Outcome>;

/** These are about the key, the address or the load, whatever the ticket says. */
const NOT_ABOUT_TICKET = new Set([401, 404, 405, 407, 408, 425, 429]);

/** A gateway answers so if the help desk breaks off: at this very ticket perhaps, or because it is restarted. */
const BROKE_OFF = new Set([502, 504]);

/**
 * Whether an answer may be about the ticket itself: its text may be rejected, by a filter in front of the help desk as well,
 * or cause an error. 503 is an answer about the load.
 */
const mayBeAboutTicket = ({ problem, httpStatus = 0 }: TicketError): boolean =>
  problem === 'rejected' ||
  problem === 'forbidden' ||
  httpStatus === 500 ||
  BROKE_OFF.has(httpStatus) ||
  (problem === 'unavailable' && httpStatus >= 400 && httpStatus < 500 && !NOT_ABOUT_TICKET.has(httpStatus));

/**
 * What is reported of an answer that leaves a doubt. One that an outage gives as well is no rejection: after two of those
 * only a ticket that is filed shows that the help desk works.
 */
function problemOf(error: TicketError): { problem: string; own?: true } {
  const { problem, httpStatus = 0 } = error;
  if (problem !== 'unavailable' || !mayBeAboutTicket(error)) return { problem };
  return BROKE_OFF.has(httpStatus) ? { problem, own: true } : { problem: 'rejected' };
}

/** The help desk had the request for the ticket, and certainly stored nothing. */
export class NotTaken extends TicketError {
  /** It is not tried again. */
  readonly last: boolean;

  constructor(error: TicketError, last: boolean) {
    super(error.problem, error.message, error);
    this.last = last;
  }
}

export function createAttempt(deps: {
  store: FilingStore;
  desk: HelpDesk;
  admission: Admission;
  settings: { timeoutMs: number; inDoubtSeconds: number };
  consoleUrl: string;
  time: SteadyClock;
  finish: Finisher['finish'];
  doubt: Doubt;
  recorder: TicketRecorder;
  closeWith: (filing: Filing, result: FilingResult) => Promise<FilingResult>;
  /** Ends the filing with a ticket that is open already. */
  closeWithOpenTicket: (filing: Filing, ticket: Ticket) => Promise<FilingResult>;
  readFiling: (filingId: string) => Promise<Filing>;
}): Attempt {
  const { store, desk, consoleUrl, time, finish, doubt, recorder, closeWith, closeWithOpenTicket, readFiling } = deps;
  const ask = createFreshAdmission(deps.admission, time);
  const post = createPost({ ...deps, ask });
  let preflightValidUntil = 0;

  return async (planned, options) => (await continueTicket(planned, options)) ?? createTicket(planned, options);

  /** If the ticket of the episode before is open at this moment, the filing ends with it. */
  async function continueTicket(planned: Filing, { probe, budget }: Options): Promise<Outcome | null> {
    const { request } = planned;
    if (request.path !== 'alert' || !request.continues) return null;
    const { refusal } = await ask({ filing: planned, probe, posts: false });
    if (refusal) return notAdmitted(planned, refusal);
    const ticket = await desk.get(request.continues.id, budget.nextCall());
    return ticket.open ? closeWithOpenTicket(planned, ticket) : null;
  }

  async function createTicket(planned: Filing, options: Options): Promise<Outcome> {
    const { probe, budget } = options;
    const question = { filing: planned, probe, posts: true };
    // Refusals are decided in batches before, so that the text is rarely composed for nothing.
    const [admitted, composed] = await Promise.all([ask(question), compose(planned, options)]);
    let verdict = admitted;
    // Its call may have taken as long as a call may take, and the flag may be off by now.
    if (!verdict.refusal && (await preflight(budget))) verdict = await ask(question);
    if (verdict.refusal) return notAdmitted(planned, verdict.refusal);
    return settled(planned, await post(composed, { question, verdict, budget }), options);
  }

  async function settled(planned: Filing, posted: Posted, { last, budget }: Options): Promise<Outcome> {
    if ('refusal' in posted) {
      if (posted.filing) await store.takeBackAttempt(posted.filing);
      return posted.refusal ? notAdmitted(planned, posted.refusal) : attemptNotAllowed(planned);
    }
    const { filing } = posted;
    if ('created' in posted) {
      const result = await finish(await recorder.record(filing, posted.created, budget.signal), true, budget);
      // A ticket with its tags shows the same as a preflight.
      if (result.outcome === 'filed' && result.tagged) preflightValidUntil = time.now() + PREFLIGHT_VALID_MS;
      return result;
    }
    const { error, isLate } = posted;
    if (!(error instanceof TicketError)) return doubt.lookUpAfterLostAnswer(filing, error, budget);
    if (error.inDoubt) return inDoubt(filing, error, budget);
    await store.takeBackAttempt(filing);
    if (isLate) return { inMs: AGAIN_MS };
    throw error.httpStatus === undefined ? error : new NotTaken(error, last && mayBeAboutTicket(error));
  }

  async function notAdmitted(planned: Filing, refusal: Refusal): Promise<Outcome> {
    if ('later' in refusal) return { inMs: AGAIN_MS };
    return 'refused' in refusal ? closeWith(planned, refused(refusal.refused)) : failed(refusal.failed, false);
  }

  async function inDoubt(filing: Filing, error: TicketError, budget: FilingBudget): Promise<FilingResult> {
    // For a click the refusal only counts if it is certain; for an alert, if it may be the reason why the ticket is not taken.
    const isClick = filing.path === 'investigate';
    const isRefusal = isClick ? error.problem === 'rejected' : mayBeAboutTicket(error);
    if (!budget.isStopping() && isRefusal) await store.recordRefusal(filing.id, error.message);
    const result = await doubt.lookUpAfterLostAnswer(filing, error, budget);
    return result.outcome === 'doubt' && !isClick ? { ...result, ...problemOf(error) } : result;
  }

  async function compose(planned: Filing, { earlier, lastCheck }: Options): Promise<NewTicket> {
    return composeTicket(planned, {
      consoleUrl,
      earlier: earlier && { id: earlier.id, url: earlier.url },
      lastCheck: lastCheck === undefined ? await lastCheckOf(planned) : lastCheck,
    });
  }

  async function lastCheckOf({ request }: Filing): Promise<LastCheck | null> {
    const surfaceId = 'surfaceId' in request ? request.surfaceId : null;
    return surfaceId ? store.lastCheck(surfaceId) : null;
  }

  /** Returns whether that took a call. */
  async function preflight(budget: FilingBudget): Promise<boolean> {
    if (time.now() < preflightValidUntil) return false;
    try {
      await desk.preflight(budget.nextCall());
    } catch (error) {
      // A wrong author of notes does not prevent a ticket. Anything else that is rejected here, `create` rejects too.
      if (!(error instanceof TicketError) || error.problem !== 'rejected') throw error;
    }
    preflightValidUntil = time.now() + PREFLIGHT_VALID_MS;
    return true;
  }

  /** The filing was withdrawn, is past its deadline, or another process has begun an attempt since it was read. */
  async function attemptNotAllowed({ id, attempts }: Filing): Promise<Outcome> {
    const filing = await readFiling(id);
    // The other process may have created a ticket by now, withdrawn or not, and that must be reported.
    if (filing.ticketId !== null || filing.phase === 'attempting') return IN_DOUBT_ELSEWHERE;
    // The attempt of the other process certainly had no effect, so another one may begin.
    if (!filing.withdrawn && filing.attempts !== attempts) return { inMs: AGAIN_MS };
    return closeWith(filing, filing.withdrawn ? refused('withdrawn') : failed('unavailable', false));
  }
}
