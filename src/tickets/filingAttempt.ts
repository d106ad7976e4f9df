import type { FilingResult, RefusalReason } from '../../machines/shared/protocol.ts';
import { type SteadyClock, stopwatch } from '../lib/clock.ts';
import { composeTicket } from './composeTicket.ts';
import { POST_WITHIN_MS, postWithinMs } from './doubtTimes.ts';
import type { FilingBudget } from './filingBudget.ts';
import type { Doubt } from './filingDoubt.ts';
import { type Finisher, failed, IN_DOUBT_ELSEWHERE, refused } from './filingResult.ts';
import type { Filing, FilingStore } from './filingStore.ts';
import { type HelpDesk, type NewTicket, type Ticket, TicketError } from './port.ts';
import type { TicketRecorder } from './ticketRecorder.ts';

const PREFLIGHT_VALID_MS = 10_000;
/** With less time left for a waiting operator, the POST would probably be cut off, and a doubt is worse than a refusal. */
const TIME_TO_POST_MS = 5_000;

/**
 * Decides right before each POST; null admits the filing of the same index. Filings that post nothing take no slots of
 * the storm window.
 */
export type Admission = (
  filings: readonly Filing[],
  terms: { probe: boolean; posts: boolean },
) => Promise<readonly (Refusal | null)[]>;
export type Refusal = { refused: RefusalReason } | { failed: string };

interface Options {
  probe: boolean;
  last: boolean;
  budget: FilingBudget;
  earlier: Ticket | null;
}

/** One attempt to post a ticket. Throws TicketError when certainly nothing was posted. */
export type Attempt = (planned: Filing, options: Options) => Promise<FilingResult>;

/** The help desk had the request for the ticket, and certainly stored nothing. */
export class NotTaken extends TicketError {
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
  const {
    store,
    desk,
    admission,
    settings,
    consoleUrl,
    time,
    finish,
    doubt,
    recorder,
    closeWith,
    closeWithOpenTicket,
    readFiling,
  } = deps;
  let preflightValidUntil = 0;

  return async (planned, options) => (await continueTicket(planned, options)) ?? createTicket(planned, options);

  /** Where the ticket of the episode before is open at this moment, the filing ends with it. */
  async function continueTicket(planned: Filing, { probe, budget }: Options): Promise<FilingResult | null> {
    const { request } = planned;
    if (request.path !== 'alert' || !request.continues) return null;
    const [verdict] = await admission([planned], { probe, posts: false });
    if (verdict) return notAdmitted(planned, verdict);
    const ticket = await desk.get(request.continues.id, budget.nextCall());
    return ticket.open ? closeWithOpenTicket(planned, ticket) : null;
  }

  async function createTicket(planned: Filing, { probe, last, budget, earlier }: Options): Promise<FilingResult> {
    const [verdict] = await admission([planned], { probe, posts: true });
    if (verdict) return notAdmitted(planned, verdict);
    if (await preflight(budget)) {
      // Its call may have taken as long as a call may take, and the flag may be off by now.
      const [afterwards] = await admission([planned], { probe, posts: true });
      if (afterwards) return notAdmitted(planned, afterwards);
    }
    const composed = await compose(planned, earlier);
    if (budget.leftMs() < TIME_TO_POST_MS) throw new TicketError('unavailable', 'too little time was left for a POST');
    // Read before the commit: the process may be suspended while the database answers.
    const elapsedMs = stopwatch(time);
    const filing = await store.beginAttempt(planned);
    if (!filing) return attemptNotAllowed(planned.id);
    let created: { id: number; url: string };
    try {
      const mayLeave = () => elapsedMs() <= (filing.path === 'investigate' ? POST_WITHIN_MS : postWithinMs(settings));
      if (!mayLeave()) throw new TicketError('unavailable', 'this process was suspended');
      created = await desk.create(composed, { ...budget.nextCall(), mayLeave });
    } catch (error) {
      if (!(error instanceof TicketError)) return doubt.lookUpAfterLostAnswer(filing, error, budget);
      if (error.inDoubt) return inDoubt(filing, error, budget);
      await store.takeBackAttempt(filing);
      throw error.httpStatus === undefined ? error : new NotTaken(error, last);
    }
    return finish(await recorder.record(filing, created, null, budget.signal), true, budget);
  }

  async function notAdmitted(planned: Filing, verdict: Refusal): Promise<FilingResult> {
    return 'refused' in verdict ? closeWith(planned, refused(verdict.refused)) : failed(verdict.failed, false);
  }

  async function inDoubt(filing: Filing, error: TicketError, budget: FilingBudget): Promise<FilingResult> {
    // For a click the refusal only counts where it is certain; for an alert it explains why the ticket is not taken.
    const isClick = filing.path === 'investigate';
    if (!budget.isStopping() && (!isClick || error.problem === 'rejected'))
      await store.recordRefusal(filing.id, error.message);
    const result = await doubt.lookUpAfterLostAnswer(filing, error, budget);
    const problem = error.httpStatus === 500 ? 'rejected' : error.problem;
    return result.outcome === 'doubt' && !isClick ? { ...result, problem } : result;
  }

  async function compose(planned: Filing, earlier: Ticket | null): Promise<NewTicket> {
    const { request } = planned;
    const surfaceId = 'surfaceId' in request ? request.surfaceId : null;
    return composeTicket(planned, {
      consoleUrl,
      earlier: earlier && { id: earlier.id, url: earlier.url },
      lastCheck: surfaceId ? await store.lastCheck(surfaceId) : null,
    });
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

  /** The filing was withdrawn, is past its deadline, or another process has begun its attempt. */
  async function attemptNotAllowed(filingId: string): Promise<FilingResult> {
    const filing = await readFiling(filingId);
    // The other process may have created a ticket by now, withdrawn or not, and that must be reported.
    if (filing.ticketId !== null || filing.phase === 'attempting') return IN_DOUBT_ELSEWHERE;
    return closeWith(filing, filing.withdrawn ? refused('withdrawn') : failed('unavailable', false));
  }
}
