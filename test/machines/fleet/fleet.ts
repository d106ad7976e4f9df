import { expect } from 'vitest';
import { alertMachine } from '../../../machines/alert/machine.ts';
import type { AlertContext } from '../../../machines/alert/types.ts';
import { type HelpdeskBreakerContext, helpdeskBreakerMachine } from '../../../machines/helpdeskBreaker.ts';
import type { ActorMessage, FilingIntent, FilingResult, TicketUpdate } from '../../../machines/shared/protocol.ts';
import { umbrellaMachine } from '../../../machines/umbrella/machine.ts';
import type { UmbrellaContext } from '../../../machines/umbrella/types.ts';
import type { MachineAction } from '../../../src/actors/step.ts';
import { type Actor, createStage, done, type Happening, paramsOf, pathsOf, seconds } from '../support/driver.ts';
import { doubt, emitted, failedWith, filedAs, refusedFor, resolved } from '../support/events.ts';

interface Filing {
  intent: FilingIntent;
  actorId: string;
  withdrawn: boolean;
  /** Posted, whether or not its answer arrived. */
  ticket: number | null;
}

/** What a POST to a help desk that is down may come to. */
type Mishap = 'failed' | 'lost before' | 'lost after';

/**
 * Three alerts of one source, their umbrella and the help desk's actor, whose messages to each other are delivered
 * late and in any order; and a help desk that keeps to the filing protocol's rules.
 */
export function createFleet({ storm }: { storm: boolean }) {
  const stage = createStage();
  const alerts = ['a', 'b', 'c'].map((name) => stage.actor<AlertContext>(alertMachine, `alert:s:${name.repeat(16)}`));
  const umbrella = stage.actor<UmbrellaContext>(umbrellaMachine, 'umbrella:s');
  const helpdesk = stage.actor<HelpdeskBreakerContext>(helpdeskBreakerMachine, 'helpdesk');
  const actors: Actor<unknown>[] = [...alerts, umbrella, helpdesk];
  const filings = new Map<string, Filing>();
  const outbox: ActorMessage[] = [];
  /** Who is named on which ticket, and since when: an episode on one of its own, or a key on the umbrella. */
  const named: { alertKey: string; at: string; episode: number | null }[] = [];
  const world = { up: true, flag: true, storm };
  let tickets = 400;
  let lastProbe = Number.NEGATIVE_INFINITY;

  const isFailing = () => pathsOf(helpdesk.value).some((path) => path.startsWith('failing'));

  function hear(actorId: string, says: MachineAction[], at = Date.parse(stage.now())): void {
    for (const id of paramsOf<string>(says, 'withdraw')) {
      const filing = filings.get(id);
      if (filing) filing.withdrawn = true;
    }
    for (const intent of paramsOf<FilingIntent>(says, 'intend')) {
      expect(filings.has(intent.filingId), 'each filing has an id of its own').toBe(false);
      filings.set(intent.filingId, { intent, actorId, withdrawn: false, ticket: null });
    }
    const tells = paramsOf<ActorMessage>(says, 'tell');
    outbox.push(...tells);
    for (const { event } of tells) if (event.type === 'TRY' && event.probe === true) probe(at);
  }

  function probe(at: number): void {
    expect(at - lastProbe, 'one tries every 30 s').toBeGreaterThanOrEqual(seconds(30));
    lastProbe = at;
  }

  function take(actor: Actor<unknown>, happening: Happening): void {
    hear(actor.id, actor.take(happening).says);
    forget();
  }

  /** Another outage, another first try. */
  function forget(): void {
    if (!isFailing()) lastProbe = Number.NEGATIVE_INFINITY;
  }

  function file(actor: Actor<unknown>, mishap: Mishap): FilingResult {
    const { filingId, probe: mayTry } = actor.input<{ filingId: string; probe: boolean }>('file');
    const filing = filings.get(filingId);
    if (!filing) throw new Error(`there is no filing ${filingId}`);
    if (filing.withdrawn) return refusedFor('withdrawn');
    if (!world.flag) return refusedFor('flag_off');
    if (!mayTry && isFailing()) return failedWith('held');
    if (world.storm && filing.intent.request.path === 'alert') return refusedFor('storm');
    if (!world.up && mishap === 'failed') return failedWith('unavailable');
    if (!world.up && mishap === 'lost before') return doubt;
    post(filing);
    return world.up ? answer(filing) : doubt;
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
    expect(alert?.context.active, 'nothing is posted for an ended episode').toBe(true);
    expect(filing.intent.subjectKey).toBe(`${alert?.id}:${alert?.context.episode}`);
    if (alert) name([alert.context], alert.context.episode);
  }

  function name(members: { alertKey: string }[], episode: number | null): void {
    for (const { alertKey } of members) named.push({ alertKey, at: stage.now(), episode });
  }

  const answer = ({ ticket }: Filing): FilingResult => filedAs(ticket ?? 0, { whileFailing: isFailing() });

  function settle(actor: Actor<unknown>): FilingResult {
    const filing = filings.get(actor.input<{ filingId: string }>('settle').filingId);
    return filing && filing.ticket !== null ? answer(filing) : failedWith('unavailable');
  }

  function list(actor: Actor<unknown>): void {
    const chore = actor.input<TicketUpdate>('list');
    if (chore.kind === 'note' && chore.about.what === 'members') name(chore.about.members, null);
    take(actor, done('list', { outcome: 'done' }));
  }

  /** What may end at this moment: a doubt only while somebody can look. */
  function endings(mishap: Mishap): Record<string, () => void> {
    const all: Record<string, () => void> = {};
    for (const actor of actors) {
      const { running, id } = actor;
      if (running.has('file')) all[`${id} files`] = () => take(actor, done('file', file(actor, mishap)));
      if (running.has('settle') && world.up) all[`${id} looks`] = () => take(actor, done('settle', settle(actor)));
      if (running.has('list') && world.up) all[`${id} lists`] = () => list(actor);
      if (running.has('end') && world.up) all[`${id} ends`] = () => take(actor, done('end', { outcome: 'done' }));
      if (running.has('dm')) all[`${id} sends`] = () => take(actor, done('dm', { outcome: 'sent' }));
      if (running.has('chore')) all[`${id} keeps`] = () => take(actor, done('chore', { outcome: 'done' }));
    }
    return all;
  }

  function deliver(n: number): void {
    const [tell] = outbox.splice(n, 1);
    const actor = actors.find(({ id }) => id === tell?.to);
    if (tell && actor) take(actor, tell.event as Happening);
  }

  function pass(ms: number): void {
    for (const { by, says, at } of stage.wait(ms)) hear(by, says, at);
    forget();
  }

  return {
    alerts,
    umbrella,
    helpdesk,
    world,
    outbox,
    named,
    endings,
    deliver,
    emit(alert: Actor<AlertContext>): void {
      pass(1);
      take(alert, emitted({ alertId: `${alert.context.alertKey.slice(2)}-1`, held: world.flag ? null : 'flag_off' }));
    },
    resolve: (alert: Actor<AlertContext>) => take(alert, resolved(`${alert.context.alertKey.slice(2)}-1`)),
    closeUmbrella: () => take(umbrella, done('list', { outcome: 'dropped', reason: 'ticket is closed' })),
    pass,
    ticketState: (alert: Actor<AlertContext>) =>
      pathsOf(alert.value)
        .find((path) => path.startsWith('ticket.'))
        ?.split('.')[1] ?? '',
  };
}
