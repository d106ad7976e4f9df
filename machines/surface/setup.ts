import { assign, setup } from 'xstate';
import { filingEffects } from '../shared/effects.ts';
import type {
  ActorMessage,
  Adoption,
  AuditEntry,
  ClickAnswer,
  FilingIntent,
  FilingResult,
  SurfaceEmission,
} from '../shared/protocol.ts';
import { unprovided } from '../shared/unprovided.ts';
import * as health from './health.ts';
import * as clicks from './investigation.ts';
import type { SurfaceContext, SurfaceEvent, SurfaceInput } from './types.ts';

/** What the chart of a surface is written in: its effects, what it says, what it asks itself, and how long it waits. */
export const surfaceSetup = setup({
  types: { input: {} as SurfaceInput, context: {} as SurfaceContext, events: {} as SurfaceEvent },
  actors: filingEffects,
  actions: {
    audit: (_, _entries: AuditEntry[]) => unprovided('audit'),
    intend: (_, _filings: FilingIntent[]) => unprovided('intend'),
    withdraw: (_, _filingIds: string[]) => unprovided('withdraw'),
    adopt: (_, _tickets: Adoption[]) => unprovided('adopt'),
    answer: (_, _answers: ClickAnswer[]) => unprovided('answer'),
    emitAlert: (_, _emissions: SurfaceEmission[]) => unprovided('emitAlert'),
    tell: (_, _messages: ActorMessage[]) => unprovided('tell'),
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
});
