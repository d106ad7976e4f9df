import { surfaceActor } from '../shared/actorId.ts';
import { adoptionOf, output } from '../shared/filing.ts';
import { reportFiled } from '../shared/helpdeskMessages.ts';
import type { FilingResult } from '../shared/protocol.ts';
import * as answers from './clickAnswers.ts';
import { abandonedFilings, openFilings } from './clicks.ts';
import * as filing from './filing.ts';
import { surfaceSetup } from './setup.ts';
import type { SurfaceContext } from './types.ts';

interface In {
  context: SurfaceContext;
}
interface Answered extends In {
  event: { output: FilingResult };
}

const withdrawFiling = { type: 'withdraw', params: ({ context }: In) => openFilings(context) } as const;

/** The ticket is new, adopted, or the one of an earlier click. It may also be found after every click was answered. */
const onFiled = [
  { type: 'answer', params: ({ context, event }: Answered) => answers.answerFiled(context, event.output) },
  { type: 'audit', params: ({ context, event }: Answered) => filing.filedAudit(context, event.output) },
  {
    type: 'tell',
    params: ({ context, event }: Answered) => reportFiled(surfaceActor(context.surfaceId), event.output),
  },
  { type: 'recordTicket', params: output<FilingResult> },
  'endAnsweredRound',
] as const;

const onNotFiled = [
  {
    type: 'answer',
    params: ({ context, event }: Answered) => answers.answerFailed(context, answers.reasonOf(event.output)),
  },
  'endFailedRound',
] as const;

/** The effect itself failed. The intent must not stay open. */
const onBroken = [
  { type: 'answer', params: ({ context }: In) => answers.answerFailed(context, 'freescout_unavailable') },
  withdrawFiling,
  'endFailedRound',
] as const;

/** Clicks on Investigate: one ticket for all that wait at one status, and an answer for each. */
export const investigationRegion = surfaceSetup.createStateConfig({
  initial: 'idle',
  on: {
    INVESTIGATE: [
      { guard: 'mayInvestigate', actions: { type: 'queueClick', params: ({ event }) => event } },
      {
        actions: {
          type: 'answer',
          params: ({ context, event }) => answers.answerNotDegraded(context, event.clickId),
        },
      },
    ],
    // A ticket was found late for a round that was closed without one.
    FOUND: {
      actions: [
        { type: 'adopt', params: ({ event }) => adoptionOf(event) },
        { type: 'audit', params: ({ context, event }) => filing.foundAudit(context, event) },
        { type: 'recordFoundTicket', params: ({ event }) => event },
      ],
    },
    // What was not posted when the last click of a round is answered is cancelled: nothing is filed after the answer.
    BUDGET_OVER: {
      actions: [
        { type: 'answer', params: ({ context, event }) => answers.answerOverdue(context, event) },
        { type: 'withdraw', params: ({ context, event }) => abandonedFilings(context, event) },
        { type: 'removeClick', params: ({ event }) => event },
      ],
    },
  },
  states: {
    idle: {
      description:
        'No click waits. A person closing a ticket changes nothing here: the filing reads the ticket at the ' +
        'next click, and files a new one if it is not open. A ticket of an alert does not count.',
      always: { guard: 'clicksWait', target: 'filing' },
    },

    filing: {
      description:
        'Clicks at the same status join the round; clicks at another status wait for the next one. A recovery in ' +
        'between stops nothing: the ticket is filed for the status that the operator saw.',
      entry: ['startRound', { type: 'intend', params: ({ context }) => filing.intents(context) }],
      invoke: {
        id: 'file',
        src: 'fileTicket',
        input: ({ context }) => ({ filingId: context.round?.filingId ?? '', probe: true }),
        onDone: [
          { guard: { type: 'isFiled', params: output }, target: 'idle', actions: onFiled },
          {
            guard: { type: 'isInDoubt', params: output },
            target: 'doubtful',
            // Every click has its answer, so no further attempt may begin.
            actions: [
              { type: 'answer', params: ({ context }) => answers.answerUnknown(context) },
              withdrawFiling,
              'clearClicks',
            ],
          },
          { target: 'idle', actions: onNotFiled },
        ],
        onError: { target: 'idle', actions: onBroken },
      },
    },

    doubtful: {
      description:
        'A ticket may have been created. It is looked up until the doubt is over, and never posted again. A click ' +
        'meanwhile is answered at once and files nothing.',
      invoke: {
        id: 'settle',
        src: 'settleDoubt',
        input: ({ context }) => ({ filingId: context.round?.filingId ?? '' }),
        onDone: [
          { guard: { type: 'isFiled', params: output }, target: 'idle', actions: onFiled },
          { target: 'idle', actions: onNotFiled },
        ],
        onError: { target: 'idle', actions: onBroken },
      },
      on: {
        INVESTIGATE: {
          guard: 'mayInvestigate',
          actions: {
            type: 'answer',
            params: ({ context, event }) => answers.answerInDoubt(context, event.clickId),
          },
        },
      },
    },
  },
});
