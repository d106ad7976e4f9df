import { expect, it } from 'vitest';
import { alertMachine } from '../../../machines/alert/machine.ts';
import type { AlertContext } from '../../../machines/alert/types.ts';
import type {
  AuditEntry,
  FilingIntent,
  FilingResult,
  Severity,
  Suppression,
  SuppressionReason,
} from '../../../machines/shared/protocol.ts';
import { type ActorInput, broke, done, minutes, paramsOf, pathsOf, play, seconds, wait } from '../support/driver.ts';
import { emitted, resolved, resolvedForGood } from '../support/events.ts';
import { createFilings } from '../support/filingModel.ts';
import { type WalkedSystem, walkRandomly } from '../support/randomWalk.ts';
import { createLife } from './episodeModel.ts';

const DEPENDENT = { type: 'DEPENDENT', member: { alertKey: 's:x', severity: 'P1', title: 'x' }, episode: 1 };
const IDS = ['aaaaaaaaaaaaaaaa1', 'aaaaaaaaaaaaaaaa2'] as const;

/** One alert key with random events of its senders, FreeScout and Slack. */
function system(): WalkedSystem {
  const actor = play<AlertContext>(alertMachine, 'alert:s:aaaaaaaaaaaaaaaa');
  const { life, ...model } = createLife();
  const filings = createFilings();
  const tickets = new Map<string, number>();
  const reasons = new Set<string>();
  const kinds = new Map<string, string[]>();
  let now = 0;

  /** Episodes that are recorded as suppressed. */
  const list = new Set<number>();

  function take(given: ActorInput): void {
    const before = actor.context;
    const { actions } = actor.take(given);
    const after = actor.context;
    filings.withdraw(paramsOf<string>(actions, 'withdraw'));
    for (const intent of paramsOf<FilingIntent>(actions, 'intend')) {
      expect(after).toMatchObject({ active: true, held: null, ticket: null });
      expect(after.severity).not.toBe('P3');
      expect(tickets.get(intent.subjectKey), 'no second ticket in one episode').toBeUndefined();
      filings.intend([intent]);
    }
    for (const child of ['file', 'settle']) filings.begins(String(actor.running.get(child)?.input.filingId));
    const over = before.filing?.filingId !== after.filing?.filingId ? before.filing : null;
    let outlived = over !== null && over.episode !== after.episode;
    for (const { action, payload } of paramsOf<AuditEntry>(actions, 'audit')) {
      if (action !== 'console.alerts.ticket_skipped') continue;
      const late = outlived && payload.reason === 'resolved_before_filing';
      const key = `${late ? before.filing?.episode : after.episode} ${payload.reason}`;
      if (late) outlived = false;
      expect(reasons.has(key), `${key} is audited once`).toBe(false);
      reasons.add(key);
    }
    for (const { id, thread, kind } of after.dms) {
      if (!before.dms.some((dm) => dm.id === id)) kinds.set(thread, [...(kinds.get(thread) ?? []), kind]);
    }
    for (const { episode, over } of paramsOf<Suppression>(actions, 'hold')) {
      if (over === null) list.add(episode);
      else expect(list.delete(episode), 'only a suppressed episode is released').toBe(true);
    }
    const ended = before.active && !after.active;
    const filing = before.filing && filings.open.get(before.filing.filingId);
    if (ended && filing) expect(filing.withdrawn, 'the filing of an ended episode is withdrawn').toBe(true);
  }

  function emit(alertId: string, severity: Severity, held: SuppressionReason | null = null): void {
    const event = emitted({ alertId, severity, held, under: held === 'dependency' ? ['s:bbbbbbbbbbbbbbbb'] : [] });
    model.emit(event, now);
    take(event);
  }

  function resolve(alertId: string, isFinal = false): void {
    model.resolve(alertId, now, isFinal);
    take(isFinal ? resolvedForGood(alertId) : resolved(alertId));
  }

  function pass(ms: number): void {
    now += ms;
    model.pass(now);
    take(wait(ms));
  }

  function answer(child: 'file' | 'settle', result: FilingResult | null): void {
    const filingId = String(actor.running.get(child)?.input.filingId);
    const subject = filings.open.get(filingId)?.intent.subjectKey ?? '';
    filings.answered(filingId, result);
    if (result?.outcome === 'filed') tickets.set(subject, (tickets.get(subject) ?? 0) + 1);
    const before = actor.context;
    take(result ? done(child, result) : broke(child));
    if (result?.outcome === 'filed' && before.active && subject.endsWith(`:${before.episode}`)) {
      expect(actor.context.ticket).toEqual(result.ticket);
    }
  }

  function choices(): Record<string, () => void> {
    const file = actor.running.get('file');
    const answers = file ? filings.answers(String(file.input.filingId)) : {};
    const looks = actor.running.has('settle') ? filings.found() : {};
    return {
      ...Object.fromEntries(
        IDS.flatMap((id, n) => [
          [`P1 of ${n}`, () => emit(id, 'P1')],
          [`P2 of ${n}`, () => emit(id, 'P2')],
          [`P3 of ${n}`, () => emit(id, 'P3')],
          [`P2 of ${n}, flag off`, () => emit(id, 'P2', 'flag_off')],
          [`P1 of ${n}, below an outage`, () => emit(id, 'P1', 'dependency')],
          [`end of ${n}`, () => resolve(id)],
          [`end of ${n} for good`, () => resolve(id, true)],
        ]),
      ),
      'explains another alert': () => take(DEPENDENT as ActorInput),
      'end of all': () => {
        for (const id of IDS) resolve(id);
      },
      'half a minute': () => pass(seconds(30)),
      'a quarter of an hour': () => pass(minutes(15)),
      probe: () => take({ type: 'TRY', probe: true } as ActorInput),
      released: () => take({ type: 'TRY', probe: false } as ActorInput),
      'umbrella off': () => take({ type: 'UNLISTED', reason: 'flag_off' } as ActorInput),
      ...Object.fromEntries(Object.entries(answers).map(([name, result]) => [name, () => answer('file', result)])),
      ...Object.fromEntries(Object.entries(looks).map(([name, result]) => [name, () => answer('settle', result)])),
      ...(file && { broke: () => answer('file', null) }),
      ...(actor.running.has('dm') && {
        sent: () => take(done('dm', { outcome: 'sent' })),
        grouped: () => take(done('dm', { outcome: 'grouped' })),
      }),
      ...(actor.running.has('chore') && { 'ticket update done': () => take(done('chore', { outcome: 'done' })) }),
    };
  }

  const ticketState = () =>
    pathsOf(actor.value)
      .find((path) => path.startsWith('ticket.'))
      ?.split('.')[1] ?? '';

  return {
    choices,
    check() {
      const { active, flapping, episode, ids, severity, filing, held, ticket } = actor.context;
      expect({ active, flapping, episode, severity, ids: new Set(ids) }).toEqual({
        active: life.active,
        flapping: life.flapping,
        episode: life.episode,
        severity: life.severity,
        ids: life.ids,
      });
      const state = ticketState();
      const files = ['filing', 'doubtful', 'waiting'].includes(state);
      expect(filing !== null, 'the context has a filing exactly in the filing states').toBe(files);
      expect([...filings.open.keys()], 'no other filing is open').toEqual(filing ? [filing.filingId] : []);
      expect(filing?.over != null, 'a filing is withdrawn when its episode is over').toBe(
        filing !== null && filings.open.get(filing.filingId)?.withdrawn === true,
      );
      if (!active) expect(['none', 'filing', 'doubtful', 'ticketed']).toContain(state);
      if (active && state === 'belowThreshold') expect(severity).toBe('P3');
      if (active && state === 'heldBack') expect(held).not.toBeNull();
      expect([...list], 'a suppressed episode is recorded').toEqual(state === 'heldBack' ? [episode] : []);
      if (active && !files) expect(state === 'ticketed').toBe(ticket !== null);
      if (active) expect(state).not.toBe('none');
      expect(Math.max(0, ...tickets.values()), 'an episode has one ticket').toBeLessThanOrEqual(1);
      for (const sent of kinds.values()) expect(sent.filter((kind) => kind === 'opened')).toEqual(sent.slice(0, 1));
      const resolutions = [...kinds.values()].flat().filter((kind) => kind === 'resolved');
      expect(resolutions.length, 'each end has a message').toBe(life.ends);
    },
    end() {
      // The first of several ids decides what suppresses the alert.
      const first = actor.context.ids[0] ?? IDS[0];
      emit(first, 'P1');
      for (let n = 0; n < 20 && ['filing', 'doubtful', 'waiting'].includes(ticketState()); n++) {
        const file = actor.running.get('file');
        const withdrawn = filings.open.get(String(file?.input.filingId))?.withdrawn;
        const answers = file ? filings.answers(String(file.input.filingId)) : {};
        if (file) answer('file', answers[withdrawn ? 'withdrawn' : 'filed'] ?? null);
        else if (actor.running.has('settle')) answer('settle', filings.found()['not found'] ?? null);
        else take({ type: 'TRY', probe: true } as ActorInput);
      }
      const sticks = ['storm', 'rejected'].some((reason) => reasons.has(`${life.episode} ${reason}`));
      expect(sticks ? ['stormed', 'rejected', 'ticketed'] : ['ticketed']).toContain(ticketState());
      const before = actor.stored();
      expect(actor.take(wait(seconds(10)), emitted({ alertId: first }))).toEqual({
        actions: [],
        moved: false,
        asks: [],
      });
      expect(actor.stored()).toBe(before);
      for (const id of IDS) resolve(id);
      pass(minutes(15));
      while (actor.running.has('dm')) take(done('dm', { outcome: 'sent' }));
      while (actor.running.has('chore')) take(done('chore', { outcome: 'done' }));
      expect(actor.context).toMatchObject({ active: false, filing: null, dms: [], chores: [] });
      expect(actor.timers.size).toBe(0);
      const subjects = [...tickets.keys()];
      const silent = Array.from({ length: life.episode }, (_, n) => n + 1).filter(
        (n) =>
          !subjects.some((key) => key.endsWith(`:${n}`)) && ![...reasons].some((reason) => reason.startsWith(`${n} `)),
      );
      expect(silent, 'an episode without a ticket has an audited reason').toEqual([]);
    },
  };
}

it('in random walks an episode has one ticket or a reason, one opening and one end, and nothing is filed after its end', () => {
  walkRandomly(system, { runs: 200, steps: 60 });
}, 600_000);
