import type { Severity } from '../../machines/shared/protocol.ts';
import type { Outcome } from '../../machines/surface/types.ts';
import type { Delivered, Message } from '../../src/actors/messages.ts';
import { alertKeyOf, fromSender } from '../../src/alerts/emission.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';
import type { Report } from './actions.ts';
import type { Environment } from './environment.ts';
import { HELD_SURFACE } from './holds.ts';

const REPEATS_MS = 60_000;
const SOURCE = 'monitor';
const SURFACE = 'surface:api';
/** Between the tries of a ticket that was rejected. */
const OTHERS_MS = [20_000, 65_000, 110_000, 155_000];
const BUDGET_MS = 14_400;

const REPORTS: Record<Report, EmissionInput['status'][]> = {
  fires: ['firing'],
  ends: ['resolved'],
  blips: ['firing', 'resolved'],
  returns: ['resolved', 'firing'],
};

interface Sender {
  ids: Set<string>;
  severity: Severity;
  isSending: boolean;
}

/** All sources of events: monitoring systems that repeat their alerts, the poller, and operators who click. */
export function createEventSources(environment: Environment, alerts: number) {
  const { clock, tables, ledger, workers } = environment;
  const senders: Sender[] = Array.from({ length: alerts }, () => ({
    ids: new Set(),
    severity: 'P3',
    isSending: false,
  }));
  const condition: { outcome: Outcome; listed: boolean } = { outcome: 'up', listed: true };
  let clicks = 0;
  let others = 0;

  const idOf = (alert: number, twin: boolean) => `${'abcdefgh'[alert] ?? 'x'}`.repeat(16) + (twin ? '2' : '1');

  function emit(alert: number): void {
    const { ids, severity, isSending } = senders[alert] as Sender;
    if (!isSending || ids.size === 0) return;
    tables.sightings.set(alertKeyOf(SOURCE, idOf(alert, false)), clock.now());
    for (const alert_id of ids) send(alert_id, severity, 'firing');
  }

  /** Alerts of senders of their own. Their tickets show that the help desk files others than the rejected one. */
  function fireOthers(): void {
    for (const inMs of OTHERS_MS) {
      others += 1;
      const source = `other-${others}`;
      const emission = { alert_id: `other ${others}`, severity: 'P2' as const, title: 'Another thing is wrong' };
      const say = (status: 'firing' | 'resolved') =>
        environment.deliver([fromSender(source, { ...emission, status }, null, environment.policy())]);
      clock.in(inMs, null, () => say('firing'));
      clock.in(inMs + 5 * REPEATS_MS, null, () => say('resolved'));
    }
  }

  function messageOf(alert_id: string, severity: Severity, status: EmissionInput['status']): Message {
    const emission = { alert_id, severity, status, title: `${alert_id} is wrong`, surface_id: HELD_SURFACE };
    return fromSender(SOURCE, emission, null, environment.policy());
  }

  const send = (...emission: Parameters<typeof messageOf>) => void environment.deliver([messageOf(...emission)]);

  /** What a request has for one status of an alert. */
  function reported(alert: number, status: EmissionInput['status']): Message[] {
    const sender = senders[alert] as Sender;
    if (status === 'firing') {
      if (sender.ids.size === 0) sender.severity = 'P2';
      sender.ids.add(idOf(alert, false));
      sender.isSending = true;
      tables.sightings.set(alertKeyOf(SOURCE, idOf(alert, false)), clock.now());
    }
    const messages = [...sender.ids].map((id) => messageOf(id, sender.severity, status));
    if (status === 'resolved') sender.ids.clear();
    return messages;
  }

  function check(): void {
    if (!condition.listed) return;
    const { outcome } = condition;
    const policy = { failuresToOpen: 2, successesToClose: 2, severity: { degraded: 'P3', down: 'P1' } };
    const error = outcome === 'up' ? null : `it was ${outcome}`;
    const delivered = environment.deliver([
      { to: SURFACE, event: { type: 'CHECKED', outcome, error, name: 'API', ...policy } },
    ]);
    for (const key of emittedKeys(delivered)) tables.sightings.set(key, clock.now());
  }

  function repeat(): void {
    for (let alert = 0; alert < alerts; alert++) emit(alert);
    check();
    clock.in(REPEATS_MS, null, repeat);
  }
  clock.in(REPEATS_MS, null, repeat);

  return {
    senders,
    condition,
    fire(alert: number, severity: Severity, twin: boolean): void {
      const sender = senders[alert] as Sender;
      sender.ids.add(idOf(alert, twin));
      Object.assign(sender, { severity, isSending: true });
      emit(alert);
    },
    /** Several alerts in one request, which is one delivery. */
    request(alerts: readonly (readonly [alert: number, says: Report])[]): void {
      environment.deliver(
        alerts.flatMap(([alert, says]) => REPORTS[says].flatMap((status) => reported(alert, status))),
      );
    },
    resolve(alert: number): void {
      const sender = senders[alert] as Sender;
      for (const id of sender.ids) send(id, sender.severity, 'resolved');
      sender.ids.clear();
    },
    /** The alert resolves, and fires again after this time. */
    comeBack(alert: number, ms: number): void {
      this.resolve(alert);
      clock.in(ms, null, () => this.fire(alert, 'P2', false));
    },
    firePoisoned(): void {
      this.fire(0, 'P1', false);
      fireOthers();
    },
    fallSilent(alert: number): void {
      (senders[alert] as Sender).isSending = false;
    },
    check(outcome: Outcome): void {
      Object.assign(condition, { outcome, listed: true });
      check();
    },
    remove(): void {
      condition.listed = false;
      environment.deliver([{ to: SURFACE, event: { type: 'REMOVED' } }]);
    },
    maintain(minutes: number): void {
      const until = new Date(clock.now() + minutes * 60_000).toISOString();
      const event =
        minutes === 0
          ? { type: 'MAINTENANCE_ENDED', by: 'eve' }
          : { type: 'MAINTENANCE_SET', until, reason: 'disks', by: 'eve' };
      environment.deliver([{ to: SURFACE, event }]);
    },
    /** An operator clicks. The process that accepts the click answers it at its deadline, as `investigate.ts` does. */
    click(): void {
      const worker = workers[clicks % workers.length];
      if (!worker || worker.asleepUntil > clock.now()) return;
      clicks += 1;
      const clickId = `c${clicks}`;
      const isAttended = () => worker.alive && worker.asleepUntil <= clock.now();
      ledger.clicks.set(clickId, { at: clock.now(), surfaceId: SURFACE, isAttended, excused: false, answers: [] });
      const event = { type: 'INVESTIGATE', clickId, by: 'ada' };
      environment.deliver([{ to: SURFACE, event, eventId: `click:${clickId}` }]);
      clock.in(BUDGET_MS, worker, () => {
        if (tables.answers.has(clickId)) return;
        const filing = [...tables.filings.values()].findLast(({ actorId }) => actorId === SURFACE);
        const attempted = ['attempting', 'created', 'tagged'].includes(filing?.phase ?? '');
        environment.deliver([
          { to: SURFACE, event: { type: 'BUDGET_OVER', clickId, attempted }, eventId: `due:${clickId}` },
        ]);
      });
    },
  };
}

export type EventSources = ReturnType<typeof createEventSources>;

const emittedKeys = (delivered: Delivered[]): string[] =>
  delivered.flatMap(({ message: { to, event } }) => (event.type === 'EMITTED' ? [to.replace(/^alert:/, '')] : []));
