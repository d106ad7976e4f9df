import type { Turn } from '../../machines/shared/helpdeskMessages.ts';
import type {
  AssignmentResult,
  DmRequest,
  FilingResult,
  HelpdeskCheck,
  TicketUpdate,
  TicketUpdateResult,
} from '../../machines/shared/protocol.ts';
import { Again, type EffectHandlers, type EffectRun } from '../actors/effectRunner.ts';
import type { Config } from '../config/config.ts';
import { isDatabaseGone } from '../db/databaseGone.ts';
import type { Places } from '../lib/places.ts';
import type { Log } from '../log/log.ts';
import type { Dms } from '../notify/dms.ts';
import { MessageError } from '../notify/port.ts';
import { recipientHelp } from '../notify/slack/recipientHelp.ts';
import type { FilingProtocol } from '../tickets/filing.ts';
import type { Notes } from '../tickets/notes.ts';
import { type HelpDesk, isTooLarge, TicketError } from '../tickets/port.ts';

/** The effects that machines invoke, by name, and how long each is retried. */
export function createEffectHandlers(deps: {
  filing: FilingProtocol;
  desk: HelpDesk;
  notes: Notes;
  dms: Dms;
  places: { updates: Places; dms: Places };
  log: Log;
}): EffectHandlers {
  const { filing, desk, notes, dms, places, log } = deps;

  return {
    fileTicket: {
      async run(
        { filingId, ...turn }: { filingId: string } & Turn,
        { signal }: EffectRun,
      ): Promise<FilingResult | Again> {
        return orAgain(await filing.file(filingId, { ...turn, signal }));
      },
      patience: forDatabase,
      async decide(effects: readonly { id: string; input: { filingId: string } & Turn }[]) {
        // A probe has to reach the help desk.
        const plain = effects.filter(({ input }) => !input.probe);
        const results = await filing.decide(plain.map(({ input }) => input.filingId));
        return byEffect(plain, ({ filingId }) => results.get(filingId));
      },
    },
    settleDoubt: {
      async run(
        { filingId, last }: { filingId: string; last?: boolean },
        { signal }: EffectRun,
      ): Promise<FilingResult | Again> {
        return orAgain(await filing.settle(filingId, { ...(last ? { last } : {}), signal }));
      },
      patience: forDatabase,
    },
    checkHelpdesk: { run: checkHelpdesk, patience: forDatabase },
    readAssignment: { run: readAssignment, patience: forDatabase },
    keepTicket: {
      run: keepTicket,
      patience: (error, run, { waitedMs = 0 }: TicketUpdate) => forADay(error, { ...run, ageMs: run.ageMs + waitedMs }),
    },
    sendDm: {
      run: async (request: DmRequest, { signal }: EffectRun) =>
        orAgain(await places.dms.run(() => dms.send(request, signal))),
      patience: (error, run, request: DmRequest) => (isUnreachable(error, request) ? null : forADay(error, run)),
      async decide(effects: readonly { id: string; input: DmRequest }[]) {
        const results = await dms.decide(effects.map(({ input }) => input));
        return byEffect(effects, ({ id }) => results.get(id));
      },
    },
  };

  async function checkHelpdesk(_: object, { signal }: EffectRun): Promise<HelpdeskCheck> {
    try {
      await desk.preflight({ signal });
      return { works: true };
    } catch (error) {
      if (!(error instanceof TicketError) || signal.aborted) throw error;
      return { works: false };
    }
  }

  /** While the help desk cannot be read it is asked again, until the machine has waited long enough. */
  async function readAssignment(
    { ticketId }: { ticketId: number },
    { signal }: EffectRun,
  ): Promise<AssignmentResult | Again> {
    try {
      const { open, assignee } = await desk.get(ticketId, { signal, patient: true });
      return { assignment: open ? (assignee === null ? 'unassigned' : 'assigned') : 'not_open' };
    } catch (error) {
      if (!(error instanceof TicketError) || signal.aborted) throw error;
      return new Again(Math.max(error.retryAfterMs ?? 0, ASK_AGAIN_MS));
    }
  }

  async function keepTicket(update: TicketUpdate, { attempt, signal }: EffectRun): Promise<TicketUpdateResult | Again> {
    if (update.kind === 'tag') return orAgain(await places.updates.run(() => setTags(update.filingId, signal)));
    // A release that kept no rows of notes may have begun to write this one.
    return orAgain(await notes.write(update, { mayExist: attempt > 1 || update.waitedMs !== undefined, signal }));
  }

  async function setTags(filingId: string, signal: AbortSignal): Promise<TicketUpdateResult> {
    try {
      await filing.tag(filingId, signal);
      return { outcome: 'done' };
    } catch (error) {
      if (!(error instanceof TicketError) || error.problem !== 'not_found') throw error;
      return { outcome: 'dropped', reason: 'ticket is gone' };
    }
  }

  /** Filing handles all help desk errors except a final rejection, so any other error here is the database's or a bug. */
  function forDatabase(error: unknown, { attempt, effectId }: EffectRun): number | null {
    if (error instanceof TicketError && error.problem === 'rejected' && !error.inDoubt) return null;
    log.warn({ err: error, effect_id: effectId, attempt }, 'effect failed; will retry');
    return isDatabaseGone(error) ? DATABASE_PAUSE_MS : pause(attempt);
  }

  /** Settings are corrected and services recover; after a day the effect is a dead letter, and a person decides. */
  function forADay(error: unknown, { attempt, ageMs }: EffectRun): number | null {
    if (ageMs > DAY_MS) return null;
    if (error instanceof MessageError) {
      const mayHelp = error.retryable || CORRECTABLE.has(error.code ?? '');
      return mayHelp ? Math.max(error.retryAfterMs ?? 0, pause(attempt)) : null;
    }
    if (!(error instanceof TicketError)) return pause(attempt);
    // A help desk may reject every note and tag for a while, after a failed update for example, and then take them.
    if (error.problem === 'rejected' && isTooLarge(error)) return null;
    return Math.max(error.retryAfterMs ?? 0, pause(attempt));
  }
}

const orAgain = <Result extends object>(result: Result | { inMs: number }): Result | Again =>
  'inMs' in result ? new Again(result.inMs as number) : result;

/** Whether the settings of this process give access to the system that an effect calls. */
export const hasAccess = ({ freescout, slack }: Pick<Config, 'freescout' | 'slack'>, src: string): boolean =>
  src === 'sendDm'
    ? slack.botToken !== null && slack.dmUserId !== null
    : freescout.baseUrl !== null && freescout.apiKey !== null && freescout.operationsMailboxId !== null;

/** A recipient that the surfaces file names and that does not exist, or that the app may not write to: a person decides. */
const isUnreachable = (error: unknown, { to = null }: DmRequest): boolean =>
  to !== null && error instanceof MessageError && !error.inDoubt && recipientHelp(error.code, to) !== null;

/** The results that are there, by effect. */
function byEffect<Input>(
  effects: readonly { id: string; input: Input }[],
  resultOf: (input: Input) => unknown,
): Map<string, unknown> {
  return new Map(
    effects.flatMap(({ id, input }): [string, unknown][] => {
      const result = resultOf(input);
      return result === undefined ? [] : [[id, result]];
    }),
  );
}

/** Slack's errors while a setting is wrong: the token, the user, or the app's scopes. */
const CORRECTABLE = new Set([
  'not_configured',
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'channel_not_found',
  'user_not_found',
  'not_in_channel',
  'missing_scope',
]);

const ASK_AGAIN_MS = 20_000;
const PAUSES_MS = [1_000, 2_000, 5_000, 15_000, 30_000, 60_000];
const DAY_MS = 24 * 3_600_000;
/** The database is usually back soon, and what a filing waits for then costs nothing to ask. */
const DATABASE_PAUSE_MS = 1_000;

const pause = (attempt: number): number => PAUSES_MS[Math.min(attempt, PAUSES_MS.length) - 1] ?? 60_000;
