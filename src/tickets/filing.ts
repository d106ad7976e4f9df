import type { FilingResult, RefusalReason } from '../../machines/shared/protocol.ts';
import { type SteadyClock, steadyClock } from '../lib/clock.ts';
import type { Log } from '../log/log.ts';
import { composeTicket } from './compose.ts';
import { createFilingClock, type FilingClock } from './filingClock.ts';
import { createDoubt } from './filingDoubt.ts';
import { createFiled, failed, INHERITED, refused } from './filingResult.ts';
import type { Filing, FilingStore } from './filingStore.ts';
import { findReusable } from './findReusable.ts';
import { type HelpDesk, type Ticket, TicketError } from './port.ts';

/**
 * Files one ticket exactly once on a help desk that knows no idempotency key, no transaction, and
 * tags only in a second call:
 *
 *   intent (committed with the transition) → attempt (committed before the call) → create → id → tags → result
 *
 * An attempt whose answer got lost is looked up by its marker, and nothing is posted again before the
 * doubt is over. Safe to run any number of times, in any process, after a crash at any point.
 */
export interface FilingProtocol {
  /**
   * Brings the filing as far as it goes. `probe` lets it through while the help desk is held to be down. Throws
   * TicketError `rejected`, not in doubt, where the help desk refuses this very ticket for good.
   */
  file(filingId: string, options: { probe: boolean; signal: AbortSignal }): Promise<FilingResult>;
  /** Looks for a ticket that may have been created; `inMs`: look again later. Throws as `file` does. */
  settle(filingId: string, signal: AbortSignal): Promise<FilingResult | { inMs: number }>;
  /** Tags a ticket that stands. Throws TicketError. */
  tag(filingId: string, signal: AbortSignal): Promise<void>;
}

/** Asked right before each POST; null lets it pass. */
export type Admission = (filing: Filing, probe: boolean) => Promise<Refusal | null>;
export type Refusal = { refused: RefusalReason } | { failed: string };

export interface FilingDeps {
  store: FilingStore;
  desk: HelpDesk;
  admission: Admission;
  /** Whether the help desk is held to be down at this moment. */
  deskFails: () => Promise<boolean>;
  settings: { timeoutMs: number; inDoubtSeconds: number };
  consoleUrl: string;
  log: Log;
  time?: SteadyClock;
}

/** Between committing an attempt and sending it; a process that was asleep for longer must not send any more. */
const SEND_WITHIN_MS = 5_000;
const PREFLIGHT_HOLDS_MS = 10_000;
/** With less time left for a person who waits, a POST would likely be cut off, and a doubt is worse than a refusal. */
const TIME_TO_POST_MS = 5_000;

export function createFilingProtocol(deps: FilingDeps): FilingProtocol {
  const { store, desk, admission, deskFails, settings, consoleUrl, log, time = steadyClock } = deps;
  let preflightHoldsUntil = 0;

  const { filed, tag } = createFiled({ store, desk, deskFails });
  const doubt = createDoubt({ store, desk, inDoubtSeconds: settings.inDoubtSeconds, filed, log });

  return { file, settle, tag: async (filingId, signal) => tag(await required(filingId), signal) };

  async function file(
    filingId: string,
    { probe, signal }: { probe: boolean; signal: AbortSignal },
  ): Promise<FilingResult> {
    const filing = await required(filingId);
    const clock = createFilingClock(filing, settings.timeoutMs, signal, time);
    if (filing.ticketId !== null) return filed(filing, !filing.adopted, clock);
    if (filing.phase === 'withdrawn') return refused('withdrawn');
    if (filing.phase === 'attempting') return afterDoubt(filing, probe, clock);
    try {
      if (filing.path === 'investigate') {
        const { standing, earlier } = await findReusable({ store, desk }, filing.request, clock.call());
        if (standing) return await reuse(filing, standing, clock);
        return await attempt(filing, probe, clock, earlier);
      }
      return await attempt(filing, probe, clock, null);
    } catch (error) {
      return giveUp(filing, error, clock);
    }
  }

  async function attempt(
    planned: Filing,
    probe: boolean,
    clock: FilingClock,
    earlier: Ticket | null,
  ): Promise<FilingResult> {
    const verdict = await admission(planned, probe);
    if (verdict) {
      return 'refused' in verdict ? closed(planned, refused(verdict.refused)) : failed(verdict.failed, false);
    }
    await preflight(clock);
    const composed = composeTicket(planned, {
      consoleUrl,
      earlier: earlier && { id: earlier.id, url: earlier.url },
      lastCheck:
        'surfaceId' in planned.request && planned.request.surfaceId
          ? await store.lastCheck(planned.request.surfaceId)
          : null,
    });
    if (clock.leftMs() < TIME_TO_POST_MS) throw new TicketError('unavailable', 'too little time was left for a POST');
    // Read before the commit: a process may fall asleep while the answer to it is on its way.
    const begun = time.now();
    const filing = await store.beginAttempt(planned);
    if (!filing) return tooLate(planned.id);
    let created: { id: number; url: string };
    try {
      if (time.now() - begun > SEND_WITHIN_MS) throw new TicketError('unavailable', 'this process was asleep');
      created = await desk.create(composed, clock.call());
    } catch (error) {
      if (error instanceof TicketError && error.inDoubt && error.problem === 'rejected')
        await store.recordRefusal(filing.id, error.message);
      if (!(error instanceof TicketError) || error.inDoubt) return doubt.doubted(filing, error, clock);
      await store.takeBackAttempt(filing);
      throw error;
    }
    await store.recordTicket(filing.id, created, null);
    return filed({ ...filing, ticketId: created.id, ticketUrl: created.url }, true, clock);
  }

  /** An earlier run ended in the middle of its attempt. */
  async function afterDoubt(filing: Filing, probe: boolean, clock: FilingClock): Promise<FilingResult> {
    let found: FilingResult | null;
    try {
      found = await doubt.look(filing, clock);
    } catch (error) {
      if (!(error instanceof TicketError) || clock.isStopping()) throw error;
      return { outcome: 'doubt' };
    }
    if (found) return found;
    if (!doubt.isOver(filing)) return INHERITED;
    // What a click asked for once is posted a second time only for another click.
    if (filing.withdrawn || filing.path === 'investigate') {
      return closed(filing, refused('withdrawn'));
    }
    try {
      return await attempt(filing, probe, clock, null);
    } catch (error) {
      return giveUp(filing, error, clock);
    }
  }

  async function settle(filingId: string, signal: AbortSignal): Promise<FilingResult | { inMs: number }> {
    const filing = await required(filingId);
    const clock = createFilingClock({ ...filing, leftMs: null }, settings.timeoutMs, signal, time);
    if (filing.ticketId !== null) return filed(filing, !filing.adopted, clock);
    const over = doubt.isOver(filing);
    let found: FilingResult | null;
    try {
      found = await doubt.look(filing, clock);
    } catch (error) {
      // Who cannot look has not looked: the doubt lasts until one look succeeds.
      if (!(error instanceof TicketError)) throw error;
      return { inMs: Math.max(doubt.nextLookMs(filing), 5_000) };
    }
    if (found) return found;
    if (!over) return { inMs: doubt.nextLookMs(filing) };
    if (filing.path !== 'investigate' && !filing.withdrawn) await store.takeBackAttempt(filing);
    else if (!(await store.close(filing))) return { inMs: 1_000 };
    if (filing.refusal !== null) return rejected(filing, new TicketError('rejected', filing.refusal));
    return failed('unavailable', false);
  }

  /** An open ticket stands already: the filing is over, and where nobody recorded that ticket it is adopted. */
  async function reuse(
    filing: Filing,
    standing: { ticket: Ticket; adopt: boolean },
    clock: FilingClock,
  ): Promise<FilingResult> {
    const { ticket, adopt } = standing;
    if (adopt) {
      await store.recordTicket(filing.id, ticket, ticket.createdAt);
      return filed({ ...filing, ticketId: ticket.id, ticketUrl: ticket.url }, false, clock);
    }
    return closed(filing, {
      outcome: 'filed',
      ticket: { id: ticket.id, url: ticket.url },
      created: false,
      tagged: true,
      whileFailing: await deskFails(),
    });
  }

  async function preflight(clock: FilingClock): Promise<void> {
    if (time.now() < preflightHoldsUntil) return;
    try {
      await desk.preflight(clock.call());
    } catch (error) {
      // A wrong author of notes is no reason to file no ticket; what else is rejected is rejected again by the create.
      if (!(error instanceof TicketError) || error.problem !== 'rejected') throw error;
    }
    preflightHoldsUntil = time.now() + PREFLIGHT_HOLDS_MS;
  }

  /** Nothing is in doubt. A click's filing ends with its answer; an alert's stays, to be tried again. */
  async function giveUp(filing: Filing, error: unknown, clock: FilingClock): Promise<FilingResult> {
    // A process that has to stop hands its filing back: that it came no further is not the help desk's doing.
    if (!(error instanceof TicketError) || clock.isStopping()) throw error;
    if (filing.path === 'investigate' && !(await store.close(filing))) return INHERITED;
    return error.problem === 'rejected' ? rejected(filing, error) : failed(error.problem, false);
  }

  /** Asking again the same way cannot help. A person hears of it: the one who clicked, or whoever sees to dead letters. */
  async function rejected({ id, path }: Filing, error: TicketError): Promise<FilingResult> {
    if (path === 'investigate') return failed('rejected', true);
    // Nobody wants it any more, so nobody has to see to it.
    if ((await required(id)).withdrawn) return refused('withdrawn');
    throw error;
  }

  /** A filing that ends without a ticket of its own; in doubt where another process has begun to post it meanwhile. */
  async function closed(filing: Filing, result: FilingResult): Promise<FilingResult> {
    return (await store.close(filing)) ? result : INHERITED;
  }

  /** The attempt was not allowed to begin: withdrawn, past its deadline, or under way in another process. */
  async function tooLate(filingId: string): Promise<FilingResult> {
    const now = await required(filingId);
    // Withdrawn or not: what another process has begun may stand by now, and then somebody has to say so.
    if (now.ticketId !== null || now.phase === 'attempting') return INHERITED;
    return closed(now, now.withdrawn ? refused('withdrawn') : failed('unavailable', false));
  }

  async function required(filingId: string): Promise<Filing> {
    const filing = await store.read(filingId);
    if (!filing) throw new Error(`there is no filing ${filingId}`);
    return filing;
  }
}
