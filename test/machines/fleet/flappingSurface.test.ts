import { expect, it } from 'vitest';
import { alertMachine } from '../../../machines/alert/machine.ts';
import type { AlertContext } from '../../../machines/alert/types.ts';
import type { AlertRequest, FilingIntent, SurfaceEmission, TicketUpdate } from '../../../machines/shared/protocol.ts';
import { surfaceMachine } from '../../../machines/surface/machine.ts';
import type { Certificate, CheckedEvent, Outcome, SurfaceContext } from '../../../machines/surface/types.ts';
import { type EmissionPolicy, fromSurface, NOT_SUPPRESSED } from '../../../src/alerts/emission.ts';
import { type Actor, type ActorInput, createTestHost, done, minutes, paramsOf, seconds } from '../support/driver.ts';
import { checked, filedAs } from '../support/events.ts';

const POLICY: EmissionPolicy = {
  autoTicket: true,
  isSilenced: () => false,
  suppressionOf: () => NOT_SUPPRESSED,
  flapMaxEpisodes: 5,
  flapWindowMs: minutes(10),
  reopenWithinMs: () => 0,
  escalateAfterMs: () => null,
};

interface Watched {
  reopenWithinMs?: number;
  severity?: CheckedEvent['severity'];
  everyMs?: number;
}

/** A surface that is checked every ten seconds or so, the alerts that it emits, and a help desk on which nobody closes a ticket. */
function watch({ reopenWithinMs = 0, severity, everyMs = seconds(10) }: Watched) {
  const host = createTestHost();
  const surface = host.actor<SurfaceContext>(surfaceMachine, 'surface:api');
  const alerts = new Map<string, Actor<AlertContext>>();
  const written = { tickets: 0, notes: [] as string[], openings: [] as string[], resolutions: 0 };
  const requests = new Map<string, AlertRequest>();

  function take(actor: Actor<AlertContext>, ...inputs: ActorInput[]): void {
    const intents = paramsOf<FilingIntent>(actor.take(...inputs).actions, 'intend');
    for (const { filingId, request } of intents) requests.set(filingId, request as AlertRequest);
  }

  function work(actor: Actor<AlertContext>): void {
    while (actor.running.size > 0) {
      if (actor.running.has('file')) file(actor);
      if (actor.running.has('dm')) send(actor);
      if (actor.running.has('chore')) {
        const update = actor.input<TicketUpdate>('chore');
        if (update.kind === 'note') written.notes.push(update.about.what);
        take(actor, done('chore', { outcome: 'done' }));
      }
    }
  }

  function file(actor: Actor<AlertContext>): void {
    const { continues } = requests.get(actor.input<{ filingId: string }>('file').filingId) as AlertRequest;
    if (!continues) written.tickets += 1;
    take(actor, done('file', continues ? filedAs(continues.id, { created: false }) : filedAs(400 + written.tickets)));
  }

  function send(actor: Actor<AlertContext>): void {
    const { kind } = actor.input<{ kind: string }>('dm');
    if (kind === 'resolved') written.resolutions += 1;
    else if (kind === 'opened' || kind === 'flapping') written.openings.push(kind);
    take(actor, done('dm', { outcome: 'sent' }));
  }

  function check(outcome: Outcome, certificate?: Certificate): void {
    const policy = {
      flap: { maxOutages: 3, windowMs: minutes(60) },
      ...(reopenWithinMs > 0 && { reopenWithinMs }),
      ...(severity && { severity }),
      ...(certificate && { certificate }),
    };
    const { actions } = surface.take(checked(outcome, policy));
    for (const emission of paramsOf<SurfaceEmission>(actions, 'emitAlert')) {
      const { to, event } = fromSurface(emission, POLICY);
      const actor = alerts.get(to) ?? host.actor<AlertContext>(alertMachine, to);
      alerts.set(to, actor);
      take(actor, event as ActorInput);
      work(actor);
    }
    host.wait(everyMs);
    for (const actor of alerts.values()) work(actor);
  }

  return {
    written,
    alerts,
    /** One outcome for a minute, the other for a minute, and so on for an hour. */
    alternate(one: Outcome, other: Outcome): void {
      for (let minute = 0; minute < 60; minute++)
        for (let ms = 0; ms < minutes(1); ms += everyMs) check(minute % 2 === 0 ? one : other);
    },
    /** Each check meets another certificate than the one before. */
    meet(...certificates: Certificate[]): void {
      for (const certificate of certificates) check('up', certificate);
    },
  };
}

it('a surface that fails every other minute for an hour has three tickets, and the last one collects the notes', () => {
  const { written, alerts, alternate } = watch({});
  alternate('down', 'up');
  expect(alerts.size).toBe(3);
  expect(written).toMatchObject({ tickets: 3, openings: ['opened', 'opened', 'opened', 'flapping'], resolutions: 2 });
  expect(written.notes.filter((what) => what === 'resolved')).toHaveLength(2);
  // Each collects the outages of fifteen minutes.
  expect(written.notes.filter((what) => what === 'flapping')).toHaveLength(4);
});

it('a surface that fails every other minute for an hour has one ticket where outages continue it', () => {
  const { written, alerts, alternate } = watch({ reopenWithinMs: minutes(60) });
  alternate('down', 'up');
  expect(alerts.size).toBe(1);
  // Two outages come back as outages of their own; with the third one the surface is flapping.
  expect(written).toMatchObject({ tickets: 1, openings: ['opened', 'opened', 'opened', 'flapping'], resolutions: 2 });
  expect(written.notes.slice(0, 4)).toEqual(['resolved', 'continued', 'resolved', 'continued']);
  expect(written.notes.slice(4)).toEqual(['flapping', 'flapping', 'flapping', 'flapping']);
});

it('a surface that alternates for an hour with a status that raises no alert has three tickets in its one outage', () => {
  const { written, alerts, alternate } = watch({ severity: { degraded: null, down: 'P1' }, everyMs: seconds(30) });
  alternate('down', 'slow');
  expect(alerts.size).toBe(1);
  expect(written).toMatchObject({ tickets: 3, openings: ['opened', 'opened', 'opened', 'flapping'], resolutions: 2 });
  expect(written.notes.filter((what) => what === 'resolved')).toHaveLength(2);
});

it('a certificate that every other check meets has four messages in an hour, and one more when it is not met any more', () => {
  const { written, meet } = watch({ everyMs: minutes(2) });
  const old = { expiresAt: '2026-05-15T00:00:00.000Z', soon: true };
  const fresh = { expiresAt: '2027-05-15T00:00:00.000Z', soon: false };
  meet(...Array(15).fill([old, fresh]).flat());
  expect(written).toMatchObject({ tickets: 0, openings: ['opened', 'opened', 'flapping'], resolutions: 1 });
  meet(...Array(16).fill(fresh));
  expect(written).toMatchObject({ openings: ['opened', 'opened', 'flapping'], resolutions: 2 });
});
