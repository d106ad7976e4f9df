import { setTimeout as sleep } from 'node:timers/promises';
import { fetchWithin } from '../../src/lib/fetchWithin.ts';
import { degradedSurfaces } from './degradedSurfaces.ts';
import type { Dependencies } from './dependencies.ts';
import { count, type Ledger } from './ledger.ts';
import type { Clicks, Span, SurfaceChange, TicketEdit } from './plan.ts';
import type { Random } from './random.ts';
import type { RoundTimer } from './roundTimer.ts';

/** The people of a run: operators at the console, and support staff who work on tickets in FreeScout. */
export interface Operators {
  click(clicks: Clicks): Promise<void>;
  /** Breaks a service and clicks on it until it has a ticket, for this time at most. */
  clickForTicket(surface: number, mostMs: number): Promise<void>;
  /** Switches the flag off at once, and on again after the span. */
  flagOff(span: Span, timer: RoundTimer): Promise<void>;
  setFlags(on: boolean): Promise<void>;
  changeService(broken: SurfaceChange): void;
  editTicket(act: TicketEdit): void;
}

export interface OperatorDeps {
  webs: readonly string[];
  adminToken: string;
  surfaceIds: readonly string[];
  dependencies: Dependencies;
  ledger: Ledger;
  random: Random;
}

/** A click is answered within 15 s; the console's own deadline is 17 s. */
const CLICK_MS = 20_000;
/** How often an operator clicks without a response before giving up. */
const MAX_CLICKS = 4;
const ALERT_FLAG = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';
const CLICK_FLAG = 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';
const TAGS = ['seen', 'customer-impact', 'night-shift'];
/** People edit only this many of the latest tickets. */
const RECENT = 30;

export function createOperators({
  webs,
  adminToken,
  surfaceIds,
  dependencies,
  ledger,
  random,
}: OperatorDeps): Operators {
  const { freescout, services, tickets } = dependencies;
  const broken = new Set<string>();

  async function post(
    web: string,
    path: string,
    body: object,
    ms: number,
  ): Promise<{ status: number; body: Record<string, unknown> } | null> {
    try {
      const { status, text } = await fetchWithin(ms, web + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${adminToken}`,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
      });
      return { status, body: JSON.parse(text) as Record<string, unknown> };
    } catch {
      return null;
    }
  }

  /** Resolves with whether there was a response. */
  async function clickOnce(surfaceId: string): Promise<boolean> {
    const sentAt = Date.now();
    const answer = await post(random.pick(webs), `/console/status/investigate/${surfaceId}`, {}, CLICK_MS);
    ledger.clicks.push({
      surfaceId,
      sentAt,
      endedAt: Date.now(),
      status: answer?.status ?? null,
      body: answer?.body ?? null,
    });
    return answer !== null;
  }

  /** Repeats a click that got no response, as people do. */
  async function clickUntilAnswered(surfaceId: string): Promise<void> {
    for (let n = 0; n < MAX_CLICKS && !(await clickOnce(surfaceId)); n++) await sleep(random.between(300, 1_500));
  }

  /** Repeats the request until it succeeds; resolves with the instant of the response. */
  async function flip(name: string, enabled: boolean): Promise<number> {
    for (;;) {
      const answer = await post(random.pick(webs), `/console/flags/${name}`, { enabled }, 5_000);
      if (answer?.status === 200) return Date.now();
      await sleep(200);
    }
  }

  /** Does nothing when the ticket no longer exists. */
  function editNow(ticketId: number, what: TicketEdit['what']): void {
    const subject = freescout.state.tickets.find(({ id }) => id === ticketId)?.subject ?? '';
    const other = ledger.creates.findLast((create) => create.ticketId !== ticketId)?.ticketId;
    const tag = what === 'tag' ? random.pick(TAGS) : null;
    const actions: Record<TicketEdit['what'], [action: string, fields: Record<string, unknown>]> = {
      close: ['status', { status: 'closed' }],
      tag: ['add-tag', { tag }],
      rename: ['subject', { subject: `${subject} (looking)` }],
      strip: ['subject', { subject: subject.replace(/\[?AT-[0-9A-Z]{10}\]?/g, '').trim() }],
      trash: ['trash', {}],
      move: ['move', { mailbox: freescout.supportMailboxId }],
      merge: ['merge', { into: other }],
      delete: ['delete', {}],
    };
    try {
      freescout.control.act(ticketId, ...actions[what]);
    } catch {
      // The ticket no longer exists.
      return;
    }
    ledger.ticketEdits.push({ ticketId, what, at: Date.now(), tag });
    count(ledger.counts, `ticket edit: ${what}`);
  }

  return {
    async click({ surface, times }) {
      const turned = surfaceIds.map((_, n) => surfaceIds[(surface + n) % surfaceIds.length] ?? '');
      const shown = await degradedSurfaces(webs, adminToken);
      // Operators click on what the console shows as degraded; sometimes it has recovered meanwhile, or they are mistaken.
      const chosen = turned.find((id) => shown.has(id)) ?? turned.find((id) => broken.has(id)) ?? turned[0] ?? '';
      await Promise.all(Array.from({ length: times }, () => clickUntilAnswered(chosen)));
    },

    async clickForTicket(surface, mostMs) {
      const surfaceId = surfaceIds[surface] ?? '';
      services.control.set(surfaceId, 'down');
      broken.add(surfaceId);
      for (const until = performance.now() + mostMs; performance.now() < until; await sleep(1_000)) {
        if (!(await degradedSurfaces(webs, adminToken)).has(surfaceId)) continue;
        await clickUntilAnswered(surfaceId);
        if (typeof ledger.clicks.findLast((click) => click.surfaceId === surfaceId)?.body?.ticket_id === 'number')
          return;
      }
    },

    async flagOff({ from, until }, timer) {
      const since = await flip(ALERT_FLAG, false);
      count(ledger.counts, 'flag flips', 2);
      await timer.pause(until - from);
      const untilAt = Date.now();
      await flip(ALERT_FLAG, true);
      ledger.flagOff.push({ from: since, until: untilAt });
    },

    async setFlags(on) {
      await flip(ALERT_FLAG, on);
      await flip(CLICK_FLAG, on);
    },

    changeService({ surface, state }) {
      const surfaceId = surfaceIds[surface] ?? '';
      services.control.set(surfaceId, state);
      if (state === 'healthy') broken.delete(surfaceId);
      else broken.add(surfaceId);
    },

    editTicket({ what, freshAfterMs, which }) {
      if (freshAfterMs !== null) {
        tickets.next(({ ticketId }) => void setTimeout(() => editNow(ticketId, what), freshAfterMs));
        return;
      }
      const recent = ledger.creates.slice(-RECENT);
      const chosen = recent[Math.floor(which * recent.length)];
      if (chosen) editNow(chosen.ticketId, what);
    },
  };
}
