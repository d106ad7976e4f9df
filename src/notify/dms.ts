import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { DmRequest, DmResult } from '../../machines/asks.ts';
import { composeDm } from './composeDm.ts';
import { MessageError, type Messenger, type Sent } from './port.ts';

/**
 * Sends one direct message: intent (a row), attempt (committed before the call), message, its place
 * recorded. After an attempt in doubt Slack is asked first; a second message goes out only where
 * Slack's own answer was lost and Slack does not let us look, and never a third one.
 */
export interface Dms {
  send(request: DmRequest, signal: AbortSignal): Promise<DmResult>;
}

export interface DmDeps {
  pool: Pool;
  messenger: Messenger;
  consoleUrl: string;
  /** False where the source has had its share: the message is then grouped with others. */
  admit: (id: string, source: string) => Promise<boolean>;
}

interface Row {
  phase: 'planned' | 'attempting' | 'sent';
  /** How many requests may have reached Slack. */
  attempts: number;
  created_at: Date;
  channel: string | null;
  ts: string | null;
}

const OPENINGS = ['opened', 'flapping'];
/** So often a message may have arrived without our knowing before a person has to look. */
const MAY_HAVE_ARRIVED = 2;

export function createDms({ pool, messenger, consoleUrl, admit }: DmDeps): Dms {
  return {
    async send(request, signal) {
      const row = await planned(request);
      if (row.phase === 'sent') return { outcome: 'sent' };
      const message = composeDm(request, consoleUrl);

      if (request.kind === 'ticket') {
        // The link joins the opening message; where that was grouped with others there is nothing to join.
        const opening = await openingOf(request.thread);
        if (!opening) return { outcome: 'skipped' };
        await messenger.update(opening, message, { signal });
        await sent(request.id, opening);
        return { outcome: 'sent' };
      }

      const opening = request.kind === 'resolved' ? await openingOf(request.thread) : null;
      if (request.kind === 'resolved' && !opening) return { outcome: 'skipped' };
      if (OPENINGS.includes(request.kind) && request.source && !(await admit(request.id, request.source))) {
        return { outcome: 'grouped' };
      }

      const marker = createHash('sha256')
        .update(`${request.id} ${row.created_at.toISOString()}`)
        .digest('hex')
        .slice(0, 20);
      if (row.phase === 'attempting') {
        const found = await messenger.find(marker, row.created_at, {
          signal,
          ...(opening ? { replyTo: opening } : {}),
        });
        if (found === 'hidden') {
          if (row.attempts >= MAY_HAVE_ARRIVED) throw unconfirmed();
        } else if (found) {
          await sent(request.id, found);
          return { outcome: 'sent' };
        }
      }
      await pool.query(
        "update direct_messages set phase = 'attempting', attempts = attempts + 1, attempted_at = clock_timestamp() where id = $1",
        [request.id],
      );
      try {
        await sent(
          request.id,
          await messenger.send(message, marker, { signal, ...(opening ? { replyTo: opening } : {}) }),
        );
      } catch (error) {
        if (error instanceof MessageError && !error.inDoubt) {
          await pool.query(
            "update direct_messages set phase = 'planned', attempts = attempts - 1 where id = $1 and phase = 'attempting'",
            [request.id],
          );
        }
        throw error;
      }
      return { outcome: 'sent' };
    },
  };

  async function planned({ id, thread, kind, source, body }: DmRequest): Promise<Row> {
    await pool.query(
      'insert into direct_messages (id, thread, kind, source, body) values ($1, $2, $3, $4, $5) on conflict (id) do nothing',
      [id, thread, kind, source, JSON.stringify(body)],
    );
    const { rows } = await pool.query<Row>(
      'select phase, attempts, created_at, channel, ts from direct_messages where id = $1',
      [id],
    );
    const row = rows[0];
    if (!row) throw new Error(`direct message ${id} was not recorded`);
    return row;
  }

  async function openingOf(thread: string): Promise<Sent | null> {
    const { rows } = await pool.query<Sent>(
      "select channel, ts from direct_messages where thread = $1 and kind = any($2) and phase = 'sent' order by created_at limit 1",
      [thread, OPENINGS],
    );
    return rows[0] ?? null;
  }

  async function sent(id: string, { channel, ts }: Sent): Promise<void> {
    await pool.query(
      "update direct_messages set phase = 'sent', channel = $2, ts = $3, sent_at = clock_timestamp() where id = $1",
      [id, channel, ts],
    );
  }
}

const unconfirmed = (): MessageError =>
  new MessageError(
    'Slack took this message twice without confirming it, and does not let us look whether it arrived (scope im:history).',
    { retryable: false, inDoubt: true, code: 'unconfirmed' },
  );
