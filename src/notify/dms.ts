import { createHash } from 'node:crypto';
import type { DmRequest, DmResult } from '../../machines/shared/protocol.ts';
import { createKeptUntilStored } from '../db/keptUntilStored.ts';
import { type SteadyClock, steadyClock, stopwatch } from '../lib/clock.ts';
import type { Log } from '../log/log.ts';
import { composeDm } from './composeDm.ts';
import { type AdmitDms, decideDms, LINKS } from './dmDecision.ts';
import { type DmRow, type DmStore, openingKey } from './dmStore.ts';
import type { HandOver } from './handOver.ts';
import { type DirectMessage, MessageError, type Messenger, type Sent } from './port.ts';
import { isRefusedThere, whereUnreadable } from './refusedThere.ts';

/**
 * Sends one direct message with the same phases as a filing: intent (a row), attempt (committed before the call),
 * message, its place recorded. An attempt whose answer was lost is in doubt: the message is looked up by its marker.
 * A second message is sent only if Slack's answer was lost and Slack does not allow the look-up; never a third. An
 * answer that came while the database was away is kept until that is back.
 */
export interface Dms {
  /** Throws MessageError; a retry is safe at any time. */
  send(request: DmRequest, signal: AbortSignal): Promise<DmResult>;
  /** The results of those of many messages that need no call to Slack, by message; see {@link decideDms}. */
  decide(requests: readonly DmRequest[]): Promise<Map<string, DmResult>>;
}

export interface DmDeps {
  store: DmStore;
  messenger: Messenger;
  consoleUrl: string;
  /** A message that is not admitted, because its source has used up its messages, is grouped with others. */
  admit: AdmitDms;
  /** Left out: every message goes to the person in SLACK_DM_USER_ID. */
  handOver?: HandOver;
  log: Pick<Log, 'debug'>;
  time?: SteadyClock;
}

/** After so many unconfirmed attempts that cannot be looked up, a person has to decide. */
const MAX_UNCONFIRMED_ATTEMPTS = 2;
/** Longer than a call may take: a message that Slack does not show by then was not sent. */
const IN_DOUBT_MS = 12_000;
const LOOK_UP_AGAIN_MS = 2_000;
/** A process that was suspended for longer than this between committing an attempt and sending it must not send it. */
const SEND_WITHIN_MS = 1_500;

interface Place {
  signal: AbortSignal;
  to: string | null;
  replyTo?: Sent;
}

export function createDms({ store, messenger, consoleUrl, admit, handOver, log, time = steadyClock }: DmDeps): Dms {
  const places = createKeptUntilStored<Sent>({
    write: (id, place) => store.recordSent(id, place),
    onFailure: (err, message) => log.debug({ err, message }, 'place of a message not recorded yet; will retry'),
    time,
  });
  return {
    send,
    decide: async (requests) => (await decideDms({ store, admit, handOver }, requests)).results,
  };

  async function send(request: DmRequest, signal: AbortSignal): Promise<DmResult> {
    const { results, rows, openings, held } = await decideDms({ store, admit, handOver }, [request]);
    const decided = results.get(request.id);
    if (decided) return decided;
    if (held.has(request.id)) throw new MessageError('another transaction holds this message');
    const row = rows.get(request.id) as DmRow;
    const opening = openings.get(openingKey(request));
    if (opening && LINKS.includes(request.kind)) return addTicketLink(request, row, { signal, opening });
    return post(request, row, { signal, to: request.to ?? null, ...(opening ? { replyTo: opening } : {}) });
  }

  /** A reply that Slack refuses in this thread for good is sent as a message of its own. */
  async function post(request: DmRequest, row: DmRow, { replyTo, ...options }: Place): Promise<DmResult> {
    if (!replyTo) return postThere(request, row, options);
    try {
      return await postThere(request, row, { ...options, replyTo });
    } catch (error) {
      if (!isRefusedThere(error)) throw error;
      // The attempt was taken back.
      return postThere(request, { ...row, phase: 'planned', attempt: null }, options);
    }
  }

  async function postThere(request: DmRequest, row: DmRow, options: Place): Promise<DmResult> {
    const marker = markerOf(request, row);
    if (row.phase === 'attempting') {
      const found = places.kept(request.id) ?? (await lookUp(marker, row, options));
      if (found) {
        await places.store(request.id, found, options.signal);
        return { outcome: 'sent' };
      }
    }
    const sent = await attempt(request, row, (message, mayLeave) =>
      messenger.send(message, marker, { ...options, mayLeave }),
    );
    await places.store(request.id, sent, options.signal);
    return { outcome: 'sent' };
  }

  /** The opening message gets the link; if Slack refuses that edit for good, a reply in its thread has the link. */
  async function addTicketLink(
    request: DmRequest,
    row: DmRow,
    { signal, opening }: { signal: AbortSignal; opening: Sent },
  ): Promise<DmResult> {
    const reply = { signal, to: request.to ?? null, replyTo: opening };
    // An earlier run began the reply.
    if (row.phase === 'attempting') return post(request, row, reply);
    try {
      await messenger.update(opening, composeDm(request, consoleUrl), { signal });
    } catch (error) {
      if (!isRefusedThere(error)) throw error;
      return post(request, row, reply);
    }
    await places.store(request.id, opening, signal);
    return { outcome: 'sent' };
  }

  /** Returns null if a new attempt is allowed. Throws MessageError while the attempt is in doubt. */
  async function lookUp(marker: string, row: DmRow, { replyTo, ...options }: Place): Promise<Sent | null> {
    const between = { since: row.createdAt, until: new Date(row.attemptedAt.getTime() + IN_DOUBT_MS) };
    const find = (thread: { replyTo?: Sent }) => messenger.findByMarker(marker, between, { ...options, ...thread });
    const inThread = replyTo ? await find({ replyTo }).catch(whereUnreadable) : null;
    if (inThread && inThread !== 'hidden') return inThread;
    // A reply that Slack refused in the thread was then sent as a message of its own.
    const onItsOwn = await find({});
    const found = onItsOwn ?? inThread;
    if (found && found !== 'hidden') return found;
    // Slack may still be processing the attempt of another process, so "not found" proves nothing before the doubt is over.
    if ((row.sinceAttemptMs ?? IN_DOUBT_MS) < IN_DOUBT_MS) throw inDoubtElsewhere();
    if (found === 'hidden' && row.attempts >= MAX_UNCONFIRMED_ATTEMPTS) throw unconfirmed();
    return null;
  }

  async function attempt(
    request: DmRequest,
    row: DmRow,
    post: (message: DirectMessage, mayLeave: () => boolean) => Promise<Sent>,
  ): Promise<Sent> {
    const message = composeDm(request, consoleUrl);
    const elapsedMs = stopwatch(time);
    const mayLeave = () => elapsedMs() <= SEND_WITHIN_MS;
    const begun = await store.beginAttempt(request.id, row);
    if (begun === null) throw inDoubtElsewhere();
    try {
      if (!mayLeave()) throw new MessageError('this process was suspended');
      return await post(message, mayLeave);
    } catch (error) {
      if (error instanceof MessageError && !error.inDoubt) await store.takeBackAttempt(request.id, begun);
      throw error;
    }
  }
}

const markerOf = ({ id }: DmRequest, { createdAt }: DmRow): string =>
  createHash('sha256').update(`${id} ${createdAt.toISOString()}`).digest('hex').slice(0, 20);

const inDoubtElsewhere = (): MessageError =>
  new MessageError('another process may be sending this message', { inDoubt: true, retryAfterMs: LOOK_UP_AGAIN_MS });

const unconfirmed = (): MessageError =>
  new MessageError(
    'Slack confirmed neither of two attempts to send this message. It may have arrived, and the app cannot look it up: see whether it is there before you replay it. With the history scopes the app can look.',
    { retryable: false, inDoubt: true, code: 'unconfirmed' },
  );
