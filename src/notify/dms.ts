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
  /** When the attempt began that nobody has told the end of, as the database writes it; null where there is none. */
  under_way: string | null;
  under_way_ms: number | null;
}

const OPENINGS = ['opened', 'flapping'];
/** So often a message may have arrived without our knowing before a person has to look. */
const MAY_HAVE_ARRIVED = 2;
/** Longer than a call may take: an attempt without an end is over by then, whether its process lives or not. */
const UNDER_WAY_MS = 12_000;
const LOOK_AGAIN_MS = 2_000;
/** Between committing an attempt and sending it; a process that was asleep for longer must not send any more. */
const SEND_WITHIN_MS = 1_500;

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
        if (found && found !== 'hidden') {
          await sent(request.id, found);
          return { outcome: 'sent' };
        }
        // Its job was taken over, from a process that may only have lost the database and be sending right now.
        if ((row.under_way_ms ?? UNDER_WAY_MS) < UNDER_WAY_MS) throw underWay();
        if (found === 'hidden' && row.attempts >= MAY_HAVE_ARRIVED) throw unconfirmed();
      }
      const mine = await begin(request.id, row);
      try {
        if (performance.now() - mine.asOf > SEND_WITHIN_MS) throw new MessageError('this process was asleep');
        await sent(
          request.id,
          await messenger.send(message, marker, { signal, ...(opening ? { replyTo: opening } : {}) }),
        );
      } catch (error) {
        if (error instanceof MessageError) await end(request.id, mine.attempt, error);
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
      `select phase, attempts, created_at, attempted_at::text as under_way,
         extract(epoch from clock_timestamp() - attempted_at)::float8 * 1000 as under_way_ms
       from direct_messages where id = $1`,
      [id],
    );
    const row = rows[0];
    if (!row) throw new Error(`direct message ${id} was not recorded`);
    return row;
  }

  /** Committed before the call. Throws where another process began one first. */
  async function begin(id: string, { under_way }: Row): Promise<{ attempt: string; asOf: number }> {
    const asOf = performance.now();
    const { rows } = await pool.query<{ attempt: string }>(
      `update direct_messages set phase = 'attempting', attempts = attempts + 1, attempted_at = clock_timestamp()
       where id = $1 and phase <> 'sent' and attempted_at is not distinct from $2::timestamptz
       returning attempted_at::text as attempt`,
      [id, under_way],
    );
    const attempt = rows[0]?.attempt;
    if (attempt === undefined) throw underWay();
    return { attempt, asOf };
  }

  /** What certainly never arrived counts for nothing; of the rest it is known now that nobody is at it any more. */
  async function end(id: string, attempt: string, { inDoubt }: MessageError): Promise<void> {
    const back = inDoubt ? '' : ", phase = 'planned', attempts = attempts - 1";
    await pool.query(
      `update direct_messages set attempted_at = null${back}
       where id = $1 and phase = 'attempting' and attempted_at = $2::timestamptz`,
      [id, attempt],
    );
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

const underWay = (): MessageError =>
  new MessageError('another process may be sending this message', { inDoubt: true, retryAfterMs: LOOK_AGAIN_MS });

const unconfirmed = (): MessageError =>
  new MessageError(
    'Slack took this message twice without confirming it, and does not let us look whether it arrived (scope im:history).',
    { retryable: false, inDoubt: true, code: 'unconfirmed' },
  );
