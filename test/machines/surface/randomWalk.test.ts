import { expect, it } from 'vitest';
import type {
  AuditEntry,
  ClickAnswer,
  FilingIntent,
  FilingResult,
  SurfaceEmission,
} from '../../../machines/shared/protocol.ts';
import { surfaceMachine } from '../../../machines/surface/machine.ts';
import type { Click, SurfaceContext } from '../../../machines/surface/types.ts';
import { type ActorInput, broke, done, minutes, paramsOf, play, seconds, wait } from '../support/driver.ts';
import { checked, doubt, failedWith, filedAs, refusedFor } from '../support/events.ts';
import { type WalkedSystem, walkRandomly } from '../support/randomWalk.ts';

/** One surface with random events of its checks, operators and FreeScout. The expected values are counted separately. */
function system(): WalkedSystem {
  const actor = play<SurfaceContext>(surfaceMachine, 'surface:api');
  const answers = new Map<string, number>();
  const filings = new Map<string, FilingIntent>();
  const firing = new Set<string>();
  const tickets = { filed: 0, told: 0 };
  let ups = 0;
  let bads = 0;
  let clickId = 0;

  function take(given: ActorInput): void {
    const before = actor.context;
    const { actions } = actor.take(given);
    const audits = paramsOf<AuditEntry>(actions, 'audit').filter(
      ({ action }) => action === 'console.status.ticket_filed',
    );
    const answered = paramsOf<ClickAnswer>(actions, 'answer');
    for (const { clickId: id } of answered) answers.set(id, (answers.get(id) ?? 0) + 1);
    for (const intent of paramsOf<FilingIntent>(actions, 'intend')) intended(intent, before.clicks);
    for (const emission of paramsOf<SurfaceEmission>(actions, 'emitAlert')) emitted(emission);
    const withTicket = answered.filter(({ body }) => 'ticket_id' in body);
    expect(audits.map(({ payload }) => ({ ...payload, degraded: false }))).toEqual(
      withTicket.length > 0 || audits.length === 0
        ? withTicket.map(({ body }) => body)
        : [expect.objectContaining({ idempotent: false })],
    );
    const recovered = before.confirmedAt !== null && actor.context.status === 'OPERATIONAL';
    if (recovered) expect(actor.context.said - before.said, 'notes of a recovery').toBe(before.tickets.length);
    tickets.told += audits.filter(({ payload }) => payload.idempotent === false).length;
  }

  function intended(intent: FilingIntent, waiting: Click[]): void {
    expect(filings.size, 'one filing at a time').toBe(0);
    filings.set(intent.filingId, intent);
    const mine = actor.context.clicks.filter(({ status }) => intent.subjectKey.endsWith(`:${status}`));
    expect(mine.length + waiting.length, 'a click waits for the filing').toBeGreaterThan(0);
    for (const { at } of mine)
      expect(Date.parse(intent.deadlineAt ?? '')).toBeLessThanOrEqual(Date.parse(at) + seconds(14));
  }

  function emitted({ status, confirmedAt, severity }: SurfaceEmission): void {
    if (status === 'resolved')
      return void expect(firing.delete(confirmedAt), 'only a firing alert resolves').toBe(true);
    firing.add(confirmedAt);
    expect(actor.context.maintenance).toBeNull();
    expect(severity).toBe(actor.context.status === 'DOWN' ? 'P1' : 'P3');
  }

  function check(outcome: 'up' | 'slow' | 'down'): void {
    ups += outcome === 'up' ? 1 : 0;
    bads = outcome === 'up' ? 0 : bads + 1;
    take(checked(outcome));
  }

  function click(): void {
    clickId += 1;
    answers.set(`c${clickId}`, 0);
    take({ type: 'INVESTIGATE', clickId: `c${clickId}`, by: `who clicked c${clickId}` } as ActorInput);
  }

  function file(child: 'file' | 'settle', result: FilingResult): void {
    if (result.outcome !== 'doubt') filings.clear();
    if (result.outcome === 'filed' && result.created) tickets.filed += 1;
    take(done(child, result));
  }

  function choices(): Record<string, () => void> {
    const { clicks } = actor.context;
    const first = clicks[0];
    const last = clicks.at(-1);
    const ticketId = 400 + clickId;
    return {
      up: () => check('up'),
      slow: () => check('slow'),
      down: () => check('down'),
      'slow twice': () => void [check('slow'), check('slow')],
      'down twice': () => void [check('down'), check('down')],
      click,
      'click now': click,
      'click again': click,
      'a second': () => take(wait(seconds(1))),
      'a while': () => take(wait(minutes(7))),
      maintenance: () => {
        const until = new Date(Date.parse('2026-05-05T14:00:00.000Z') + minutes(30)).toISOString();
        take({ type: 'MAINTENANCE_SET', until, reason: 'disks', by: 'eve' } as ActorInput);
      },
      'maintenance over': () => take({ type: 'MAINTENANCE_ENDED', by: 'eve' } as ActorInput),
      removed: () => {
        [ups, bads] = [0, 0];
        take({ type: 'REMOVED' });
      },
      ...(first && { 'first budget over': () => take(over(first.clickId, true)) }),
      ...(last && { 'last budget over': () => take(over(last.clickId, false)) }),
      ...(actor.running.has('file') && {
        filed: () => file('file', filedAs(ticketId)),
        untagged: () => file('file', filedAs(ticketId, { tagged: false })),
        reused: () => file('file', filedAs(ticketId, { created: false })),
        doubt: () => file('file', doubt),
        failed: () => file('file', failedWith('unavailable')),
        withdrawn: () => file('file', refusedFor('withdrawn')),
        broken: () => void [filings.clear(), take(broke('file'))],
      }),
      ...(actor.running.has('settle') && {
        found: () => file('settle', filedAs(ticketId)),
        'not found': () => file('settle', failedWith('unavailable')),
        'look-up failed': () => void [filings.clear(), take(broke('settle'))],
      }),
      ...(actor.running.has('chore') && {
        'ticket update done': () => take(done('chore', { outcome: 'done' })),
        'ticket update dropped': () => take(done('chore', { outcome: 'dropped', reason: 'ticket is closed' })),
        'ticket update failed': () => take(broke('chore')),
      }),
    };
  }

  return {
    choices,
    check() {
      const { status, clicks, confirmedAt, tickets: known } = actor.context;
      if (status === 'OPERATIONAL') expect(ups, 'operational only after a successful check').toBeGreaterThan(0);
      if (bads >= 2) expect(['DEGRADED', 'DOWN'], 'two failed checks are an outage').toContain(status);
      expect(confirmedAt !== null, 'an outage has a confirmation time').toBe(['DEGRADED', 'DOWN'].includes(status));
      if (confirmedAt === null) expect([...firing], 'an alert ends with its outage').toEqual([]);
      for (const [id, n] of answers)
        expect(n, `answers to ${id}`).toBe(clicks.some((click) => click.clickId === id) ? 0 : 1);
      expect(actor.running.has('file') || actor.running.has('settle'), 'an open filing has a running effect').toBe(
        filings.size > 0,
      );
      if (clicks.length > 0) expect(actor.running.has('file')).toBe(true);
      expect(tickets.told, 'each new ticket is audited once').toBe(tickets.filed);
      expect(new Set(known.map(({ id }) => id)).size).toBe(known.length);
    },
    end() {
      for (const { clickId: id } of actor.context.clicks) take(over(id, false));
      while (actor.running.has('file')) file('file', failedWith('unavailable'));
      if (actor.running.has('settle')) file('settle', failedWith('unavailable'));
      while (actor.running.has('chore')) take(done('chore', { outcome: 'done' }));
      expect([...answers.values()].every((n) => n === 1)).toBe(true);
      expect(actor.value).toMatchObject({ investigation: 'idle', upkeep: 'idle' });
      expect(actor.context).toMatchObject({ round: null, clicks: [], chores: [] });
      take(wait(minutes(60)));
      const { outcome } = actor.context.streak;
      check(outcome);
      check(outcome);
      while (actor.running.has('chore')) take(done('chore', { outcome: 'done' }));
      const before = actor.stored();
      const { moved, actions } = actor.take(wait(seconds(30)), checked(outcome));
      expect({ moved, said: actions.map(({ name }) => name).filter((name) => name !== 'emitAlert') }).toEqual({
        moved: false,
        said: [],
      });
      expect(actor.stored()).toBe(before);
    },
  };
}

const over = (clickId: string, attempted: boolean) => ({ type: 'BUDGET_OVER', clickId, attempted }) as ActorInput;

it('in random walks of a surface each click has one answer, each ticket one audit row, each alert one end, and nothing is left pending', () => {
  walkRandomly(system, { runs: 200, steps: 60 });
}, 600_000);
