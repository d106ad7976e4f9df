import { assign, fromPromise, raise, setup } from 'xstate';
import { type DmRequest, type DmResult, instantOf, type Tell } from './asks.ts';
import { unprovided } from './unprovided.ts';

/**
 * Whether the help desk works, for the whole fleet. While it fails, one waiting filing tries every
 * 30 s; the first that gets through releases all the others. A person hears of a long failure once.
 */

export interface HelpdeskContext {
  failingSince: string | null;
  problem: string | null;
  /** Actors whose filings wait, next to try first. */
  waiting: string[];
  told: boolean;
  said: number;
}

export type HelpdeskEvent =
  /** `who` waits for its turn to try again; null where nobody does. */
  | { type: 'FAILED'; who: string | null; problem: string }
  | { type: 'LEFT'; who: string }
  | { type: 'SUCCEEDED' }
  | { type: 'QUEUED' };

const queued = (waiting: string[], who: string | null): string[] =>
  who === null || waiting.includes(who) ? waiting : [...waiting, who];

const release = ({ context }: { context: HelpdeskContext }): Tell[] =>
  context.waiting.map((to) => ({ to, event: { type: 'TRY', probe: false } }));

/** The first in the queue tries for all and goes to its end. */
const nextTries = [
  {
    type: 'tell' as const,
    params: ({ context }: { context: HelpdeskContext }): Tell[] =>
      context.waiting.slice(0, 1).map((to) => ({ to, event: { type: 'TRY', probe: true } })),
  },
  {
    type: 'set' as const,
    params: ({ context: { waiting } }: { context: HelpdeskContext }) => ({ waiting: [...waiting.slice(1), ...waiting.slice(0, 1)] }),
  },
];

const message = (context: HelpdeskContext, kind: 'desk_failing' | 'desk_back'): DmRequest => ({
  id: `dm:helpdesk:${context.said}`,
  thread: `helpdesk:${context.failingSince}`,
  kind,
  source: null,
  body: { since: context.failingSince, problem: context.problem, waiting: context.waiting.length },
});

export const helpdeskMachine = setup({
  types: { input: {} as { id: string }, context: {} as HelpdeskContext, events: {} as HelpdeskEvent },
  actors: { sendDm: fromPromise<DmResult, DmRequest>(() => unprovided('sendDm')) },
  actions: {
    tell: (_, _messages: Tell[]) => unprovided('tell'),
    set: assign((_, change: Partial<HelpdeskContext>) => change),
  },
  guards: { wasTold: ({ context }) => context.told, someoneWaits: ({ context }) => context.waiting.length > 0 },
  delays: { betweenTries: 30_000, beforeTelling: 30 * 60_000 },
}).createMachine({
  id: 'helpdesk',
  context: { failingSince: null, problem: null, waiting: [], told: false, said: 0 },
  initial: 'working',
  states: {
    working: {
      on: {
        FAILED: {
          target: 'failing',
          actions: {
            type: 'set',
            params: ({ event }) => ({ failingSince: instantOf(event), problem: event.problem, waiting: queued([], event.who), told: false }),
          },
        },
      },
    },

    failing: {
      type: 'parallel',
      on: {
        FAILED: {
          actions: [{
            type: 'set',
            params: ({ context, event }) => ({ problem: event.problem, waiting: queued(context.waiting, event.who) }),
          }, raise({ type: 'QUEUED' })],
        },
        LEFT: {
          actions: { type: 'set', params: ({ context, event }) => ({ waiting: context.waiting.filter((id) => id !== event.who) }) },
        },
        SUCCEEDED: [
          { guard: 'wasTold', target: 'back', actions: [{ type: 'tell', params: release }, { type: 'set', params: { waiting: [] } }] },
          { target: 'working', actions: [{ type: 'tell', params: release }, { type: 'set', params: { waiting: [] } }] },
        ],
      },
      states: {
        tries: {
          initial: 'pausing',
          states: {
            pausing: {
              after: {
                betweenTries: [
                  { guard: 'someoneWaits', target: 'pausing', reenter: true, actions: nextTries },
                  { target: 'free' },
                ],
              },
            },
            // Nobody waited when the pause was over: the next to fail may try at once.
            free: { on: { QUEUED: { guard: 'someoneWaits', target: 'pausing', actions: nextTries } } },
          },
        },
        news: {
          initial: 'quiet',
          states: {
            quiet: {
              after: {
                beforeTelling: {
                  target: 'telling',
                  actions: { type: 'set', params: ({ context }) => ({ told: true, said: context.said + 1 }) },
                },
              },
            },
            telling: {
              invoke: { id: 'dm', src: 'sendDm', input: ({ context }) => message(context, 'desk_failing'), onDone: 'told', onError: 'told' },
            },
            told: {},
          },
        },
      },
    },

    // Works again, and the person who heard that it fails hears this too.
    back: {
      entry: { type: 'set', params: ({ context }) => ({ said: context.said + 1 }) },
      invoke: { id: 'dm', src: 'sendDm', input: ({ context }) => message(context, 'desk_back'), onDone: 'working', onError: 'working' },
      on: {
        FAILED: {
          target: 'failing',
          actions: {
            type: 'set',
            params: ({ event }) => ({ failingSince: instantOf(event), problem: event.problem, waiting: queued([], event.who), told: false }),
          },
        },
      },
    },
  },
});
