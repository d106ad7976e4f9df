import { createHash } from 'node:crypto';
import type { DmRequest, DmResult } from '../../machines/shared/protocol.ts';
import { type SteadyClock, steadyClock } from '../lib/clock.ts';
import { composeDm } from './composeDm.ts';
import { type DmStore, OPENINGS } from './dmStore.ts';
import { MessageError, type Messenger } from './port.ts';

/**
 * Sends one direct message: intent (a row), attempt (committed before the call), message, its place
 * recorded. After an attempt in doubt Slack is asked first; a second message goes out only where
 * Slack's own answer was lost and Slack does not let us look, and never a third one.
 */
export interface Dms {
  send(request: DmRequest, signal: AbortSignal): Promise<DmResult>;
}

export interface DmDeps {
  store: DmStore;
  messenger: Messenger;
  consoleUrl: string;
  /** False where the source has had its share: the message is then grouped with others. */
  admit: (id: string, source: string) => Promise<boolean>;
  time?: SteadyClock;
}

/** So often a message may have arrived without our knowing before a person has to look. */
const MAY_HAVE_ARRIVED = 2;
/** Longer than a call may take. What Slack has not shown by then it will not show, whether it was told an end or not. */
const UNDER_WAY_MS = 12_000;
const LOOK_AGAIN_MS = 2_000;
/** Between committing an attempt and sending it; a process that was asleep for longer must not send any more. */
const SEND_WITHIN_MS = 1_500;

export function createDms({ store, messenger, consoleUrl, admit, time = steadyClock }: DmDeps): Dms {
  return {
    async send(request, signal) {
      const row = await store.planned(request);
      if (row.phase === 'sent') return { outcome: 'sent' };
      const message = composeDm(request, consoleUrl);

      if (request.kind === 'ticket') {
        // The link joins the opening message; where that was grouped with others there is nothing to join.
        const opening = await store.openingOf(request.thread);
        if (!opening) return { outcome: 'skipped' };
        await messenger.update(opening, message, { signal });
        await store.sent(request.id, opening);
        return { outcome: 'sent' };
      }

      const opening = request.kind === 'resolved' ? await store.openingOf(request.thread) : null;
      if (request.kind === 'resolved' && !opening) return { outcome: 'skipped' };
      if (OPENINGS.includes(request.kind) && request.source && !(await admit(request.id, request.source))) {
        return { outcome: 'grouped' };
      }

      const marker = createHash('sha256')
        .update(`${request.id} ${row.createdAt.toISOString()}`)
        .digest('hex')
        .slice(0, 20);
      if (row.phase === 'attempting') {
        const until = new Date(row.attemptedAt.getTime() + UNDER_WAY_MS);
        const between = { since: row.createdAt, until };
        const found = await messenger.find(marker, between, { signal, ...(opening ? { replyTo: opening } : {}) });
        if (found && found !== 'hidden') {
          await store.sent(request.id, found);
          return { outcome: 'sent' };
        }
        // Slack may still be at it, for us or for a process that has lost nothing but the database. To look and
        // find nothing means something only once that is over.
        if ((row.underWayMs ?? UNDER_WAY_MS) < UNDER_WAY_MS) throw underWay();
        if (found === 'hidden' && row.attempts >= MAY_HAVE_ARRIVED) throw unconfirmed();
      }
      const asOf = time.now();
      const attempt = await store.begin(request.id, row);
      if (attempt === null) throw underWay();
      try {
        if (time.now() - asOf > SEND_WITHIN_MS) throw new MessageError('this process was asleep');
        await store.sent(
          request.id,
          await messenger.send(message, marker, { signal, ...(opening ? { replyTo: opening } : {}) }),
        );
      } catch (error) {
        if (error instanceof MessageError && !error.inDoubt) await store.takeBack(request.id, attempt);
        throw error;
      }
      return { outcome: 'sent' };
    },
  };
}

const underWay = (): MessageError =>
  new MessageError('another process may be sending this message', { inDoubt: true, retryAfterMs: LOOK_AGAIN_MS });

const unconfirmed = (): MessageError =>
  new MessageError(
    'Slack took this message twice without confirming it, and does not let us look whether it arrived (scope im:history).',
    { retryable: false, inDoubt: true, code: 'unconfirmed' },
  );
