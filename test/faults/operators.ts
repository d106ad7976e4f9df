import { setTimeout as sleep } from 'node:timers/promises';
import type { Dependencies } from './dependencies.ts';
import { count, type Ledger } from './ledger.ts';
import type { Clicks, Span, SurfaceChange, TicketEdit } from './plan.ts';
import type { Random } from './random.ts';
import type { RoundTimer } from './roundTimer.ts';

/** People: those at the console, who click and flip, and those in the help desk, who get on with their work. */
export interface Operators {
  click(clicks: Clicks): Promise<void>;
  /** Off at once and on again after the span; the flag is on when this resolves. */
  flagOff(span: Span, stage: RoundTimer): Promise<void>;
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

/** A click is answered within 15 s, and the console gives up at 17. */
const CLICK_MS = 20_000;
/** So often somebody clicks before they give up. */
const CLICKS = 4;
const ALERT_FLAG = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';
const CLICK_FLAG = 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';
const TAGS = ['seen', 'customer-impact', 'night-shift'];
/** Tickets that people still look at. */
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
      const response = await fetch(web + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${adminToken}`,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ms),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    } catch {
      return null;
    }
  }

  /** Whether there was an answer. */
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

  /** As people do where the page says nothing. */
  async function clickUntilAnswered(surfaceId: string): Promise<void> {
    for (let n = 0; n < CLICKS && !(await clickOnce(surfaceId)); n++) await sleep(random.between(300, 1_500));
  }

  /** Until one of the processes said that it is so; the instant of that answer. */
  async function flip(name: string, enabled: boolean): Promise<number> {
    for (;;) {
      const answer = await post(random.pick(webs), `/console/flags/${name}`, { enabled }, 5_000);
      if (answer?.status === 200) return Date.now();
      await sleep(200);
    }
  }

  /** Null where that is not possible any more, which is nobody's fault. */
  function editNow(ticketId: number, what: TicketEdit['what']): void {
    const subject = freescout.state.tickets.find(({ id }) => id === ticketId)?.subject ?? '';
    const other = ledger.creates.findLast((create) => create.ticketId !== ticketId)?.ticketId;
    const tag = what === 'tag' ? random.pick(TAGS) : null;
    const means: Record<TicketEdit['what'], [action: string, fields: Record<string, unknown>]> = {
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
      freescout.control.act(ticketId, ...means[what]);
    } catch {
      // The ticket is gone already.
      return;
    }
    ledger.ticketEdits.push({ ticketId, what, at: Date.now(), tag });
    count(ledger.counts, `by hand: ${what}`);
  }

  return {
    async click({ surface, times }) {
      // Nobody clicks what is well while something else is not.
      const turned = surfaceIds.map((_, n) => surfaceIds[(surface + n) % surfaceIds.length] ?? '');
      const chosen = turned.find((id) => broken.has(id)) ?? turned[0] ?? '';
      await Promise.all(Array.from({ length: times }, () => clickUntilAnswered(chosen)));
    },

    async flagOff({ from, until }, stage) {
      const since = await flip(ALERT_FLAG, false);
      count(ledger.counts, 'flag flips', 2);
      await stage.pause(until - from);
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
