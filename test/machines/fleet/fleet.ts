import { expect } from 'vitest';
import { alertMachine } from '../../../machines/alert/machine.ts';
import type { AlertContext } from '../../../machines/alert/types.ts';
import { type HelpdeskBreakerContext, helpdeskBreakerMachine } from '../../../machines/helpdeskBreaker.ts';
import type {
  ActorMessage,
  FilingIntent,
  FilingResult,
  SuppressionReason,
  TicketUpdate,
} from '../../../machines/shared/protocol.ts';
import { umbrellaMachine } from '../../../machines/umbrella/machine.ts';
import type { UmbrellaContext } from '../../../machines/umbrella/types.ts';
import type { MachineAction } from '../../../src/actors/step.ts';
import { type Actor, type ActorInput, createTestHost, done, paramsOf, pathsOf, seconds } from '../support/driver.ts';
import { doubt, emitted, failedWith, filedAs, refusedFor, resolved } from '../support/events.ts';

interface Filing {
  intent: FilingIntent;
  actorId: string;
  withdrawn: boolean;
  /** The posted ticket, whether or not its response arrived. */
  ticket: number | null;
}

/** The possible outcomes of a POST while FreeScout is down. */
type Failure = 'failed' | 'lost before' | 'lost after';

/**
 * Three alerts of one source, their umbrella and the circuit breaker, whose messages to each other are delivered
 * late and in any order, and a model of FreeScout and the filing protocol.
 */
export function createFleet({ storm }: { storm: boolean }) {
  const host = createTestHost();
  const alerts = ['a', 'b', 'c'].map((name) => host.actor<AlertContext>(alertMachine, `alert:s:${name.repeat(16)}`));
  const umbrella = host.actor<UmbrellaContext>(umbrellaMachine, 'umbrella:s');
  const helpdesk = host.actor<HelpdeskBreakerContext>(helpdeskBreakerMachine, 'helpdesk');
  const actors: Actor<unknown>[] = [...alerts, umbrella, helpdesk];
  const filings = new Map<string, Filing>();
  const outbox: ActorMessage[] = [];
  /** The names on tickets with their times: an episode on its own ticket, or an alert key on the umbrella ticket. */
  const named: { alertKey: string; at: string; episode: number | null }[] = [];
  const conditions = { up: true, flag: true, storm };
  /** The alerts that a silence matches. */
  const silenced = new Set<string>();
  let tickets = 400;
  let lastProbe = Number.NEGATIVE_INFINITY;

  const isFailing = () => pathsOf(helpdesk.value).some((path) => path.startsWith('failing'));

  function record(actorId: string, actions: MachineAction[], at = Date.parse(host.now())): void {
    for (const id of paramsOf<string>(actions, 'withdraw')) {
      const filing = filings.get(id);
      if (filing) filing.withdrawn = true;
    }
    for (const intent of paramsOf<FilingIntent>(actions, 'intend')) {
      expect(filings.has(intent.filingId), 'each filing has a different id').toBe(false);
      filings.set(intent.filingId, { intent, actorId, withdrawn: false, ticket: null });
    }
    const messages = paramsOf<ActorMessage>(actions, 'tell');
    outbox.push(...messages);
    for (const { event } of messages) if (event.type === 'TRY' && event.probe === true) probe(at);
  }

  function probe(at: number): void {
    expect(at - lastProbe, 'at most one probe in 30 s').toBeGreaterThanOrEqual(seconds(30));
    lastProbe = at;
  }

  function take(actor: Actor<unknown>, given: ActorInput): void {
    record(actor.id, actor.take(given).actions);
    resetProbes();
  }

  /** After an outage the next probe is allowed at once. */
  function resetProbes(): void {
    if (!isFailing()) forgetProbe();
  }

  function forgetProbe(): void {
    lastProbe = Number.NEGATIVE_INFINITY;
  }

  function heldFor(alert: Actor<AlertContext>): SuppressionReason | null {
    if (silenced.has(alert.id)) return 'silenced';
    return conditions.flag ? null : 'flag_off';
  }

  function file(actor: Actor<unknown>, failure: Failure): FilingResult {
    const { filingId, probe: mayTry } = actor.input<{ filingId: string; probe: boolean }>('file');
    const filing = filings.get(filingId);
    if (!filing) throw new Error(`unknown filing ${filingId}`);
    if (filing.withdrawn) return refusedFor('withdrawn');
    if (silenced.has(actor.id)) return refusedFor('silenced');
    if (!conditions.flag) return refusedFor('flag_off');
    if (!mayTry && isFailing()) return failedWith('held');
    if (conditions.storm && filing.intent.request.path === 'alert') return refusedFor('storm');
    if (!conditions.up && failure === 'failed') return failedWith('unavailable');
    if (!conditions.up && failure === 'lost before') return doubt;
    post(filing);
    return conditions.up ? answer(filing) : doubt;
  }

  function post(filing: Filing): void {
    const { request } = filing.intent;
    expect(filing.ticket, 'never posted twice').toBeNull();
    tickets += 1;
    filing.ticket = tickets;
    if (request.path === 'umbrella') {
      name(request.members, null);
      return;
    }
    const alert = alerts.find(({ id }) => id === filing.actorId);
    expect(alert?.context.active, 'no ticket is posted for an ended episode').toBe(true);
    expect(filing.intent.subjectKey).toBe(`${alert?.id}:${alert?.context.episode}`);
    if (alert) name([alert.context], alert.context.episode);
  }

  function name(members: { alertKey: string }[], episode: number | null): void {
    for (const { alertKey } of members) named.push({ alertKey, at: host.now(), episode });
  }

  const answer = ({ ticket }: Filing): FilingResult => filedAs(ticket ?? 0, { whileFailing: isFailing() });

  function settle(actor: Actor<unknown>): FilingResult {
    const filing = filings.get(actor.input<{ filingId: string }>('settle').filingId);
    return filing && filing.ticket !== null ? answer(filing) : failedWith('unavailable');
  }

  function list(actor: Actor<unknown>): void {
    const update = actor.input<TicketUpdate>('list');
    if (update.kind === 'note' && update.about.what === 'members') name(update.about.members, null);
    take(actor, done('list', { outcome: 'done' }));
  }

  /** The effects that can end now. A look-up ends only while FreeScout works. */
  function endings(failure: Failure): Record<string, () => void> {
    const all: Record<string, () => void> = {};
    for (const actor of actors) {
      const { running, id } = actor;
      if (running.has('file')) all[`${id} files`] = () => take(actor, done('file', file(actor, failure)));
      if (running.has('settle') && conditions.up) all[`${id} looks`] = () => take(actor, done('settle', settle(actor)));
      if (running.has('list') && conditions.up) all[`${id} lists`] = () => list(actor);
      if (running.has('end') && conditions.up) all[`${id} ends`] = () => take(actor, done('end', { outcome: 'done' }));
      if (running.has('dm')) all[`${id} sends`] = () => take(actor, done('dm', { outcome: 'sent' }));
      if (running.has('chore')) all[`${id} keeps`] = () => take(actor, done('chore', { outcome: 'done' }));
    }
    return all;
  }

  function deliver(n: number): void {
    const [message] = outbox.splice(n, 1);
    const actor = actors.find(({ id }) => id === message?.to);
    if (!message || !actor) return;
    // Its turn took no call.
    if (message.event.type === 'LEFT' && message.event.who === helpdesk.context.trying) forgetProbe();
    take(actor, message.event as ActorInput);
  }

  function pass(ms: number): void {
    for (const { by, actions, at } of host.wait(ms)) record(by, actions, at);
    resetProbes();
  }

  return {
    alerts,
    umbrella,
    helpdesk,
    conditions,
    silenced,
    outbox,
    named,
    endings,
    deliver,
    emit(alert: Actor<AlertContext>): void {
      pass(1);
      take(alert, emitted({ alertId: `${alert.context.alertKey.slice(2)}-1`, held: heldFor(alert) }));
    },
    /** Decides again about an alert, as the host does when a silence begins or ends. */
    review: (alert: Actor<AlertContext>) =>
      take(alert, { type: 'HOLD_REVIEWED', held: heldFor(alert), under: [] } as ActorInput),
    resolve: (alert: Actor<AlertContext>) => take(alert, resolved(`${alert.context.alertKey.slice(2)}-1`)),
    closeUmbrella: () => take(umbrella, done('list', { outcome: 'dropped', reason: 'ticket is closed' })),
    pass,
    ticketState: (alert: Actor<AlertContext>) =>
      pathsOf(alert.value)
        .find((path) => path.startsWith('ticket.'))
        ?.split('.')[1] ?? '',
  };
}
