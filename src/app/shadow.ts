import type { Pool } from 'pg';
import type { DmRequest, DmResult, TicketUpdate, TicketUpdateResult } from '../../machines/shared/protocol.ts';
import type { EffectHandler, EffectHandlers, EffectRun } from '../actors/effectRunner.ts';
import { withShadow } from '../alerts/shadow/admission.ts';
import { createShadowState, type InShadow } from '../alerts/shadow/state.ts';
import { createShadowStore, type ShadowStore } from '../alerts/shadow/store.ts';
import type { StormLimits } from '../alerts/stormSlots.ts';
import { UNWATCHED } from '../db/databaseClock.ts';
import { LINKS } from '../notify/dmDecision.ts';
import type { Admission } from '../tickets/admission.ts';
import { createFilingStore } from '../tickets/filingStore.ts';

/** Shadow mode of sources and surfaces: everything is decided and composed as always, and nothing is posted. */
export interface Shadow {
  shadowNow: () => Promise<InShadow>;
  /** Refuses tickets in shadow mode. */
  admission(admit: Admission): Admission;
  /** Withholds messages and notes in shadow mode. */
  effects(handlers: EffectHandlers): EffectHandlers;
}

export function createShadow(deps: {
  pool: Pool;
  consoleUrl: string;
  stormLimits: (source: string) => Promise<StormLimits>;
}): Shadow {
  const { pool } = deps;
  const shadowNow = createShadowState(pool);
  const store = createShadowStore({ ...deps, lastCheck: createFilingStore(pool, UNWATCHED).lastCheck });
  return {
    shadowNow,
    admission: (admit) => withShadow(admit, { shadowNow, record: store.recordTickets }),
    effects: (handlers) => withShadowEffects(handlers, { pool, shadowNow, store }),
  };
}

type Message = { id: string; input: DmRequest };

const isLink = ({ kind }: DmRequest): boolean => LINKS.includes(kind);

/**
 * The effects of alerts in shadow mode, alone and in batches: messages are composed only, and notes are left out. Tags
 * complete a ticket that was posted before shadow mode began, so they are set.
 */
function withShadowEffects(
  handlers: EffectHandlers,
  deps: { pool: Pick<Pool, 'query'>; shadowNow: () => Promise<InShadow>; store: ShadowStore },
): EffectHandlers {
  const { pool, shadowNow, store } = deps;
  const { sendDm, keepTicket } = handlers as { sendDm: EffectHandler; keepTicket: EffectHandler };
  const send = sendDm.run as (request: DmRequest, run: EffectRun) => Promise<DmResult>;
  const decide = sendDm.decide as ((messages: readonly Message[]) => Promise<Map<string, unknown>>) | undefined;
  const keep = keepTicket.run as (update: TicketUpdate, run: EffectRun) => Promise<TicketUpdateResult>;

  return {
    ...handlers,
    sendDm: { ...sendDm, run: sendInShadow, ...(decide ? { decide: decideInShadow } : {}) },
    keepTicket: { ...keepTicket, run: keepInShadow },
  };

  async function sendInShadow(request: DmRequest, run: EffectRun): Promise<DmResult> {
    const [live] = await withhold([request]);
    return live ? send(live, run) : { outcome: 'skipped' };
  }

  async function decideInShadow(messages: readonly Message[]): Promise<Map<string, unknown>> {
    const live = new Map((await withhold(messages.map(({ input }) => input))).map((request) => [request.id, request]));
    const toDecide: Message[] = [];
    const results = new Map<string, unknown>();
    for (const { id, input } of messages) {
      const request = live.get(input.id);
      if (request) toDecide.push({ id, input: request });
      else results.set(id, { outcome: 'skipped' } satisfies DmResult);
    }
    return new Map([...results, ...((await decide?.(toDecide)) ?? [])]);
  }

  /** Records the messages that are in shadow mode, and returns the others as they are to be sent. */
  async function withhold(requests: readonly DmRequest[]): Promise<DmRequest[]> {
    const inShadow = await shadowNow();
    const isWithheld = ({ source, body }: DmRequest) =>
      source !== null && inShadow(source, typeof body.surfaceId === 'string' ? body.surfaceId : null);
    await store.recordMessages(requests.filter(isWithheld));
    const live = requests.filter((request) => !isWithheld(request));
    const links = live.filter(isLink);
    const opened = await store.openedThreads(links.map(({ thread }) => thread));
    // The alert was filed when its shadow mode ended: nobody was told that it is active.
    return live.map((each) => (isLink(each) && opened.has(each.thread) ? { ...each, kind: 'opened' } : each));
  }

  async function keepInShadow(update: TicketUpdate, run: EffectRun): Promise<TicketUpdateResult> {
    if (update.kind === 'note' && (await isOfShadow(update.ticketId))) {
      return { outcome: 'dropped', reason: 'shadow mode' };
    }
    return keep(update, run);
  }

  async function isOfShadow(ticketId: number): Promise<boolean> {
    const { rows } = await pool.query<{ source: string; surface_id: string | null }>(
      `select source, request->>'surfaceId' as surface_id from filings
       where ticket_id = $1 and path <> 'investigate' and source is not null limit 1`,
      [ticketId],
    );
    const [row] = rows;
    return row !== undefined && (await shadowNow())(row.source, row.surface_id);
  }
}
