import * as desk from '../shared/helpdeskMessages.ts';
import type { FilingResult } from '../shared/protocol.ts';
import * as clicks from './investigation.ts';
import { surfaceSetup } from './setup.ts';
import type { SurfaceContext } from './types.ts';

interface In {
  context: SurfaceContext;
}
interface Answered extends In {
  event: { output: FilingResult };
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

/** What operators asked about it: one ticket for all who wait, and an answer for each. */
export const investigationRegion = surfaceSetup.createStateConfig({
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
});
