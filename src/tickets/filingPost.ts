import { type SteadyClock, stopwatch } from '../lib/clock.ts';
import type { Refusal } from './admission.ts';
import { POST_WITHIN_MS, postWithinMs } from './doubtTimes.ts';
import type { FilingBudget } from './filingBudget.ts';
import type { Filing, FilingStore } from './filingStore.ts';
import type { Question, Verdict } from './freshAdmission.ts';
import { type HelpDesk, type NewTicket, TicketError, type Turn } from './port.ts';

/** With less time left for a waiting operator, the POST would probably be cut off, and a doubt is worse than a refusal. */
const TIME_TO_POST_MS = 5_000;
/** A flag that is turned off, and everything else that holds a ticket back, counts within a second. */
const ADMISSION_VALID_MS = 500;

/**
 * What became of the POST of an admitted filing. `isLate`: it would have left too late. `refusal`: it did not leave, and
 * without a `filing` the attempt did not begin; null if the attempt was not allowed to.
 */
export type Posted =
  | { filing: Filing; created: { id: number; url: string } }
  | { filing: Filing; error: unknown; isLate: boolean }
  | { filing?: Filing; refusal: Refusal | null };

interface Admitted {
  question: Question;
  verdict: Verdict;
  budget: FilingBudget;
}

/**
 * Begins the attempt when its call has its turn among the calls to the help desk, and makes the call: a wait in our own
 * queue is no part of the attempt, and an admission that is too old by then is asked for again. Whatever needs another
 * call is left to the caller, since another turn may not be free before this one ends.
 */
export function createPost({
  store,
  desk,
  settings,
  time,
  ask,
}: {
  store: Pick<FilingStore, 'beginAttempt' | 'takeBackAttempt'>;
  desk: Pick<HelpDesk, 'inTurn' | 'create'>;
  settings: { timeoutMs: number; inDoubtSeconds: number };
  time: SteadyClock;
  ask: (question: Question) => Promise<Verdict>;
}): (ticket: NewTicket, admitted: Admitted) => Promise<Posted> {
  return (ticket, admitted) =>
    desk.inTurn(admitted.budget.nextCall(), (turn) => attempt(ticket, admitted, turn, freshness(admitted)));

  async function attempt(
    ticket: NewTicket,
    { question, budget }: Admitted,
    turn: Turn,
    freshRefusal: () => Promise<Refusal | null>,
  ): Promise<Posted> {
    const before = await freshRefusal();
    if (before) return { refusal: before };
    if (budget.leftMs() < TIME_TO_POST_MS) throw new TicketError('unavailable', 'too little time was left for a POST');
    // Read before the commit: the process may be suspended while the database answers.
    const elapsedMs = stopwatch(time);
    const filing = await store.beginAttempt(question.filing);
    if (!filing) return { refusal: null };
    const after = await freshRefusal().catch(async (error: unknown) => {
      await store.takeBackAttempt(filing);
      throw error;
    });
    if (after) return { filing, refusal: after };
    const withinMs = filing.path === 'investigate' ? POST_WITHIN_MS : postWithinMs(settings);
    let isLate = false;
    const mayLeave = () => {
      isLate = elapsedMs() > withinMs;
      return !isLate;
    };
    try {
      if (!mayLeave()) throw new TicketError('unavailable', 'this process was suspended');
      return { filing, created: await desk.create(ticket, { ...budget.nextCall(), ...turn, mayLeave }) };
    } catch (error) {
      return { filing, error, isLate };
    }
  }

  function freshness({ question, verdict }: Admitted): () => Promise<Refusal | null> {
    let latest = verdict;
    return async () => {
      if (latest.ageMs() > ADMISSION_VALID_MS) latest = await ask(question);
      return latest.refusal;
    };
  }
}
