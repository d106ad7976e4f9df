import { assign, raise, setup } from 'xstate';
import type { Adoption, AuditEntry, ClickAnswer, FilingIntent, FilingResult, SurfaceEmission, Tell } from './asks.ts';
import * as desk from './desk.ts';
import { toFile } from './effects.ts';
import * as health from './surfaceHealth.ts';
import * as clicks from './surfaceInvestigation.ts';
import type { SurfaceContext, SurfaceEvent, SurfaceInput } from './surfaceTypes.ts';
import { unprovided } from './unprovided.ts';
import { upkeep } from './upkeep.ts';

interface In {
  context: SurfaceContext;
}
interface Answered extends In {
  event: { output: FilingResult };
}
interface MaintenanceSet extends In {
  event: { until: string; reason: string; by: string };
}

/** How a round ends, whether its answer came at once or was found later, when nobody waits for it any more. */
const filed = {
  guard: { type: 'isFiled', params: ({ event }: Answered) => event.output },
  target: 'idle',
  actions: [
    { type: 'answer', params: ({ context, event }: Answered) => clicks.filedAnswers(context, event.output) },
    { type: 'audit', params: ({ context, event }: Answered) => clicks.filedAudit(context, event.output) },
    { type: 'tell', params: ({ event }: Answered) => desk.works(event.output) },
    { type: 'set', params: ({ context, event }: Answered) => clicks.kept(context, event.output, event) },
    { type: 'set', params: ({ context }: In) => clicks.answered(context) },
  ],
} as const;

const notFiled = {
  target: 'idle',
  actions: [
    { type: 'answer', params: ({ context, event }: Answered) => clicks.sorry(context, clicks.whyNot(event.output)) },
    { type: 'set', params: ({ context }: In) => clicks.ended(context) },
  ],
} as const;

const broken = {
  target: 'idle',
  actions: [
    {
      type: 'answer',
      params: ({ context }: In) => clicks.sorry(context, 'freescout_unavailable'),
    },
    { type: 'withdraw', params: ({ context }: In) => clicks.current(context) },
    { type: 'set', params: ({ context }: In) => clicks.ended(context) },
  ],
} as const;

/** Taken in each state of the region rather than by the region: re-entering a region re-enters its siblings, too. */
const underMaintenance = {
  target: 'on',
  actions: [
    { type: 'set', params: ({ event }: MaintenanceSet) => health.maintenanceSet(event) },
    {
      type: 'audit',
      params: ({ context, event }: MaintenanceSet) => health.maintenanceAudit(context, 'started', event.by),
    },
  ],
} as const;

/**
 * One watched surface. Four things go on side by side: is it well, is it under maintenance, what did
 * operators ask about it, and what its tickets still have to be told.
 */
export const surfaceMachine = setup({
  types: { input: {} as SurfaceInput, context: {} as SurfaceContext, events: {} as SurfaceEvent },
  actors: toFile,
  actions: {
    audit: (_, _entries: AuditEntry[]) => unprovided('audit'),
    intend: (_, _filings: FilingIntent[]) => unprovided('intend'),
    withdraw: (_, _filingIds: string[]) => unprovided('withdraw'),
    adopt: (_, _tickets: Adoption[]) => unprovided('adopt'),
    answer: (_, _answers: ClickAnswer[]) => unprovided('answer'),
    emitAlert: (_, _emissions: SurfaceEmission[]) => unprovided('emitAlert'),
    tell: (_, _messages: Tell[]) => unprovided('tell'),
    set: assign((_, change: Partial<SurfaceContext>) => change),
  },
  guards: {
    wasUp: ({ context }) => context.streak.outcome === 'up' && context.streak.count > 0,
    wasBad: ({ context }) => context.bad > 0,
    upConfirmed: ({ context }) => health.confirmed(context, 'up', context.policy.successesToClose),
    downConfirmed: ({ context }) => health.confirmed(context, 'down', context.policy.failuresToOpen),
    slowConfirmed: ({ context }) => health.confirmed(context, 'slow', context.policy.failuresToOpen),
    badConfirmed: ({ context }) => context.bad >= context.policy.failuresToOpen,
    inService: ({ context }) => context.maintenance === null,
    mayInvestigate: ({ context }) => clicks.mayInvestigate(context),
    someoneWaits: ({ context }) => context.clicks.length > 0,
    isFiled: (_, result: FilingResult) => result.outcome === 'filed',
    isDoubt: (_, result: FilingResult) => result.outcome === 'doubt',
    choresWait: ({ context }) => context.chores.length > 0,
  },
  delays: { untilMaintenanceEnds: ({ context }) => health.maintenanceLeft(context) },
}).createMachine({
  id: 'surface',
  type: 'parallel',
  context: ({ input }) => health.blank((input?.id ?? '').replace(/^surface:/, '')),
  states: {
    health: {
      initial: 'unknown',
      on: {
        CHECKED: {
          actions: [
            { type: 'set', params: ({ context, event }) => health.counted(context, event) },
            raise({ type: 'COUNTED' }),
          ],
        },
        REMOVED: {
          target: '.unknown',
          actions: [
            { type: 'emitAlert', params: ({ context }) => health.resolves(context, 'surface taken out of the file') },
            { type: 'set', params: ({ context }) => health.forgotten(context) },
          ],
        },
      },
      states: {
        unknown: {
          entry: { type: 'set', params: ({ context, event }) => health.became(context, 'UNKNOWN', event) },
          always: [
            { guard: 'downConfirmed', target: 'outage.down' },
            { guard: 'badConfirmed', target: 'outage.degraded' },
            { guard: 'wasUp', target: 'operational' },
            { guard: 'wasBad', target: 'suspect' },
          ],
        },
        operational: {
          entry: { type: 'set', params: ({ context, event }) => health.became(context, 'OPERATIONAL', event) },
          always: [
            { guard: 'downConfirmed', target: 'outage.down' },
            { guard: 'badConfirmed', target: 'outage.degraded' },
            { guard: 'wasBad', target: 'suspect' },
          ],
        },
        // Failing, not yet often enough to say so: the status shown stays what it was.
        suspect: {
          always: [
            { guard: 'downConfirmed', target: 'outage.down' },
            { guard: 'badConfirmed', target: 'outage.degraded' },
            { guard: 'wasUp', target: 'operational' },
          ],
        },
        outage: {
          initial: 'degraded',
          always: {
            guard: 'upConfirmed',
            target: 'operational',
            actions: [
              { type: 'emitAlert', params: ({ context }) => health.resolves(context, null) },
              { type: 'set', params: ({ context, event }) => health.recovered(context, event) },
            ],
          },
          on: {
            // A standing fact, said again with every check: whoever missed it hears it the next time.
            COUNTED: {
              guard: 'inService',
              actions: [
                { type: 'emitAlert', params: ({ context }) => health.fails(context) },
                { type: 'set', params: ({ context }) => health.alertingNow(context) },
              ],
            },
          },
          states: {
            degraded: {
              entry: { type: 'set', params: ({ context, event }) => health.outage(context, 'DEGRADED', event) },
              always: { guard: 'downConfirmed', target: 'down' },
            },
            down: {
              entry: { type: 'set', params: ({ context, event }) => health.outage(context, 'DOWN', event) },
              always: { guard: 'slowConfirmed', target: 'degraded' },
            },
          },
        },
      },
    },

    maintenance: {
      initial: 'off',
      states: {
        off: { on: { MAINTENANCE_SET: underMaintenance } },
        on: {
          on: {
            MAINTENANCE_SET: { ...underMaintenance, reenter: true },
            MAINTENANCE_ENDED: {
              target: 'off',
              actions: [
                { type: 'audit', params: ({ context, event }) => health.maintenanceAudit(context, 'ended', event.by) },
                { type: 'set', params: { maintenance: null } },
              ],
            },
          },
          after: {
            untilMaintenanceEnds: {
              target: 'off',
              actions: [
                { type: 'audit', params: ({ context }) => health.maintenanceAudit(context, 'ended', 'console') },
                { type: 'set', params: { maintenance: null } },
              ],
            },
          },
        },
      },
    },

    investigation: {
      initial: 'idle',
      on: {
        INVESTIGATE: [
          {
            guard: 'mayInvestigate',
            actions: { type: 'set', params: ({ context, event }) => clicks.queued(context, event) },
          },
          {
            actions: {
              type: 'answer',
              params: ({ context, event }) => clicks.refused(context, event.clickId, 'not_degraded'),
            },
          },
        ],
        FOUND: {
          actions: [
            { type: 'adopt', params: ({ event }) => clicks.adopted(event) },
            { type: 'audit', params: ({ context, event }) => clicks.foundAudit(context, event) },
            { type: 'set', params: ({ context, event }) => clicks.foundLate(context, event) },
          ],
        },
        BUDGET_OVER: {
          actions: [
            { type: 'answer', params: ({ context, event }) => clicks.overdue(context, event) },
            { type: 'withdraw', params: ({ context, event }) => clicks.forsaken(context, event) },
            { type: 'set', params: ({ context, event }) => clicks.without(context, event) },
          ],
        },
      },
      states: {
        idle: { always: { guard: 'someoneWaits', target: 'filing' } },
        filing: {
          entry: [
            { type: 'set', params: ({ context }) => clicks.begun(context) },
            { type: 'intend', params: ({ context }) => clicks.intent(context) },
          ],
          invoke: {
            id: 'file',
            src: 'fileTicket',
            input: ({ context }) => ({ filingId: context.round?.filingId ?? '', probe: true }),
            onDone: [
              filed,
              {
                guard: { type: 'isDoubt', params: ({ event }) => event.output },
                target: 'doubtful',
                actions: [
                  { type: 'answer', params: ({ context }) => clicks.unsure(context) },
                  // Everybody has an answer: whoever is at it still must not begin another attempt.
                  { type: 'withdraw', params: ({ context }) => clicks.current(context) },
                  { type: 'set', params: { clicks: [] } },
                ],
              },
              notFiled,
            ],
            onError: broken,
          },
        },
        // The request went out and its answer got lost: looked for until the doubt is over, never posted again.
        doubtful: {
          invoke: {
            id: 'settle',
            src: 'settleDoubt',
            input: ({ context }) => ({ filingId: context.round?.filingId ?? '' }),
            onDone: [filed, notFiled],
            onError: broken,
          },
          on: {
            INVESTIGATE: {
              guard: 'mayInvestigate',
              actions: {
                type: 'answer',
                params: ({ context, event }) => clicks.refused(context, event.clickId, 'outcome_unknown'),
              },
            },
          },
        },
      },
    },

    upkeep: upkeep({ audit: clicks.choreAudit, done: clicks.choreDone }),
  },
});
