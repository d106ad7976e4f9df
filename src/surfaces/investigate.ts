import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';
import { ANSWER_CHANNELS } from '../db/channels.ts';
import type { Listener } from '../db/listen.ts';
import { coalesce } from '../lib/coalesce.ts';
import { Problem } from '../lib/problem.ts';
import type { InvestigateAnswer } from '../model/surfaces.ts';
import { type AnswerBody, createClickBatches } from './clickBatches.ts';
import type { OwnAnswers } from './ownAnswers.ts';

/**
 * Delivers an operator's click to its surface and waits for the answer, which any process may produce. Throws Problem
 * `feature_disabled`, `unknown_surface`, `not_degraded` or `busy`.
 */
export type Investigate = (surfaceId: string, by: string) => Promise<InvestigateAnswer>;

/** Nothing is posted later than 14 s after the click was delivered, so by now it is certain whether a request was sent. */
const SETTLED_MS = 14_050;
/** The whole answer takes at most 15 s, including the delivery of the click and the answer at the deadline. */
const WAIT_MS = 14_600;
const READ_EVERY_MS = 500;

export function createInvestigate(deps: {
  pool: Pool;
  deliver: Deliver;
  listener: Listener;
  ownAnswers: Pick<OwnAnswers, 'on'>;
  isEnabled: () => Promise<boolean>;
  statusOf: (surfaceId: string) => Promise<string | null>;
  /** Reads what the delivery of a click will ask for, so that it finds it in memory. */
  readAhead: () => Promise<unknown>;
}): Investigate {
  const { pool, deliver, listener, ownAnswers, isEnabled } = deps;
  const clicks = createClickBatches(deps);
  const readAhead = coalesce(deps.readAhead);

  return async (surfaceId, by) => {
    const latest = performance.now() + WAIT_MS;
    const [enabled, status] = await Promise.all([isEnabled(), clicks.statusOf(surfaceId), readAhead()]);
    if (!enabled) throw new Problem('feature_disabled', 'Investigate is off. An admin can turn it on under Flags.');
    if (status === null) throw new Problem('unknown_surface', `There is no surface "${surfaceId}".`);
    if (status !== 'DEGRADED' && status !== 'DOWN') throw notDegraded(surfaceId, status);

    const clickId = randomUUID();
    const waiting = subscribeToAnswer(clickId);
    try {
      await clicks.deliver(surfaceId, { clickId, by });
      const dueAt = Math.min(performance.now() + SETTLED_MS, latest);
      const body = (await waiting.until(dueAt)) ?? (await answerAtDeadline(surfaceId, clickId));
      if (body.refused === 'not_degraded') throw notDegraded(surfaceId, String(body.status));
      return body as unknown as InvestigateAnswer;
    } finally {
      waiting.stop();
    }
  };

  /**
   * The answer when the time is over. A request counts as attempted if it was sent, or if it may still be sent
   * because the click's own deadline has not passed yet.
   */
  async function answerAtDeadline(surfaceId: string, clickId: string): Promise<AnswerBody> {
    const { rows } = await pool.query<{ attempted: boolean }>(
      `select phase in ('attempting', 'created', 'tagged')
          or phase = 'planned' and withdrawn_at is null and deadline_at > clock_timestamp() as attempted
       from filings where actor_id = $1 order by created_at desc limit 1`,
      [surfaceActor(surfaceId)],
    );
    const attempted = rows[0]?.attempted ?? false;
    await deliver([
      { to: surfaceActor(surfaceId), event: { type: 'BUDGET_OVER', clickId, attempted }, eventId: `due:${clickId}` },
    ]);
    const body = await clicks.readAnswer(clickId);
    if (!body) throw new Problem('busy', 'The result of this click was not known in time. Reload the page to see it.');
    return body;
  }

  /**
   * Waits for an answer of this process, or for the notification of another one, and reads the answer every half second in
   * case that was lost.
   */
  function subscribeToAnswer(clickId: string) {
    let wake: () => void = () => undefined;
    let own: AnswerBody | null = null;
    const unsubscribe = [
      ownAnswers.on(clickId, (body) => {
        own = body;
        wake();
      }),
      ...ANSWER_CHANNELS.map((channel) =>
        listener.on(channel, (payload) => {
          if (payload.includes(clickId)) wake();
        }),
      ),
    ];
    return {
      stop(): void {
        for (const stop of unsubscribe) stop();
      },
      async until(dueAt: number): Promise<AnswerBody | null> {
        for (;;) {
          const woken = new Promise<void>((resolve) => {
            wake = resolve;
          });
          const body = own ?? (await clicks.readAnswer(clickId));
          const left = dueAt - performance.now();
          if (body || left <= 0) return body;
          let timer: NodeJS.Timeout | undefined;
          const pause = new Promise<void>((resolve) => {
            timer = setTimeout(resolve, Math.min(left, READ_EVERY_MS));
          });
          await Promise.race([woken, pause]);
          clearTimeout(timer);
        }
      },
    };
  }
}

const notDegraded = (surfaceId: string, status: string): Problem =>
  new Problem('not_degraded', `${surfaceId} is ${status}. Only a degraded surface can be investigated.`);
