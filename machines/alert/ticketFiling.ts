import { output, refusalOf } from '../shared/filing.ts';
import { reportStillInDoubt } from '../shared/helpdeskMessages.ts';
import type { FilingResult } from '../shared/protocol.ts';
import {
  cancelEndedFiling,
  cancelFiling,
  giveTurnBack,
  onContinued,
  onEndedWhileFiling,
  onFiled,
  onFiledAfterDoubt,
  onFound,
  onRefused,
  onRejected,
  onSkipped,
  reportFailed,
  reportInDoubt,
  reportWaiting,
} from './actions.ts';
import * as filing from './filing.ts';
import { alertSetup } from './setup.ts';

// The three states of the ticket region in which a filing is under way. Their targets are states of that region.

const isRefusedFor = (reason: string) =>
  ({
    type: 'isRefusedFor',
    params: ({ event }: { event: { output: FilingResult } }) => ({ result: event.output, reason }),
  }) as const;

export const filingState = alertSetup.createStateConfig({
  description:
    'A request in flight cannot be cancelled. If the episode ends meanwhile, nothing more is posted; a ' +
    'ticket that was created is recorded anyway. A severity that rises meanwhile becomes a note once the ticket ' +
    'exists. An episode that began soon after the last one continues the ticket of that one, if the help desk ' +
    'shows it as open at this moment; if a person closed it, a new one is filed.',
  invoke: {
    id: 'file',
    src: 'fileTicket',
    input: ({ context }) => ({
      filingId: context.filing?.filingId ?? '',
      probe: context.probe,
      ...filing.lastTry(context),
    }),
    onDone: [
      { guard: { type: 'isContinued', params: output }, target: 'deciding', actions: onContinued },
      { guard: { type: 'isFiled', params: output }, target: 'deciding', actions: onFiled },
      { guard: { type: 'isInDoubt', params: output }, target: 'doubtful', actions: reportInDoubt },
      { guard: 'episodeOfFilingIsOver', target: 'deciding', actions: [giveTurnBack, ...cancelEndedFiling] },
      { guard: 'hasTicket', target: 'deciding', actions: cancelFiling },
      {
        guard: { type: 'isRefusedAsSuppressed', params: output },
        target: 'heldBack',
        actions: [...onRefused, { type: 'suppressFor', params: ({ event }) => refusalOf(event.output) }],
      },
      { guard: isRefusedFor('storm'), target: 'stormed', actions: onRefused },
      { guard: isRefusedFor('silent'), target: 'silent', actions: onRefused },
      { guard: isRefusedFor('unstable_id'), target: 'suspect', actions: onRefused },
      { guard: isRefusedFor('withdrawn'), target: 'deciding', actions: onRefused },
      { target: 'waiting', actions: reportFailed },
    ],
    onError: [
      { guard: 'episodeOfFilingIsOver', target: 'deciding', actions: cancelEndedFiling },
      { guard: 'hasTicket', target: 'deciding', actions: cancelFiling },
      { target: 'rejected', actions: onRejected },
    ],
  },
  on: { ENDED: { actions: onEndedWhileFiling }, FOUND: { actions: onFound } },
});

export const doubtfulState = alertSetup.createStateConfig({
  description:
    'A ticket may have been created. It is looked up until the doubt is over, and nothing is posted before ' +
    'that. The filing of a new episode waits until then.',
  invoke: {
    id: 'settle',
    src: 'settleDoubt',
    input: ({ context }) => ({ filingId: context.filing?.filingId ?? '', ...filing.lastTry(context) }),
    onDone: [
      { guard: { type: 'isFiled', params: output }, target: 'deciding', actions: onFiledAfterDoubt },
      { guard: 'episodeOfFilingIsOver', target: 'deciding', actions: cancelEndedFiling },
      { guard: 'hasTicket', target: 'deciding', actions: cancelFiling },
      { guard: { type: 'wasPosted', params: output }, target: 'waiting', actions: reportWaiting },
      { target: 'filing', actions: { type: 'setTurn', params: { probe: false } } },
    ],
    onError: [
      { guard: 'episodeOfFilingIsOver', target: 'deciding', actions: cancelEndedFiling },
      { guard: 'hasTicket', target: 'deciding', actions: cancelFiling },
      { target: 'rejected', actions: onRejected },
    ],
  },
  on: { ENDED: { actions: onEndedWhileFiling }, FOUND: { actions: onFound } },
  initial: 'looking',
  states: {
    looking: {
      description: 'The doubt is reported to the circuit breaker again, in case the first report was lost.',
      after: {
        reminder: {
          target: 'looking',
          reenter: true,
          actions: { type: 'tell', params: reportStillInDoubt },
        },
      },
    },
  },
});

export const waitingState = alertSetup.createStateConfig({
  description:
    'The help desk fails, or it refused this ticket. While it fails, one filing at a time tries for all; its ' +
    'success releases the others. A filing whose episode ends before its turn is never posted. If its alert is ' +
    'suppressed meanwhile, it leaves the queue, and joins it again afterwards. Direct messages do not wait.',
  entry: onSkipped('freescout_unavailable'),
  on: {
    TRY: { target: 'filing', actions: { type: 'setTurn', params: ({ event }) => event } },
    HOLD_CHANGED: { guard: 'isSuppressed', target: 'deciding', actions: cancelFiling },
    // An emission may raise the severity and suppress the ticket at once.
    ESCALATED: { guard: 'isSuppressed', target: 'deciding', actions: cancelFiling },
    // Resolved before its turn: never filed.
    ENDED: { target: 'deciding', actions: cancelFiling },
  },
  after: {
    reminder: {
      target: 'waiting',
      reenter: true,
      actions: reportWaiting,
    },
  },
});
