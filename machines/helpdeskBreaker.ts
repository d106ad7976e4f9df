import { assign, raise, setup } from 'xstate';
import { messageEffects } from './shared/effects.ts';
import { HELD } from './shared/helpdeskMessages.ts';
import { type ActorMessage, type DmRequest, instantOf } from './shared/protocol.ts';
import { unprovided } from './shared/unprovided.ts';

/**
 * Whether the help desk works, for the whole fleet. While it fails, one waiting filing tries every
 * 30 s; the first that gets through releases all the others. A person hears of a long failure once.
 */

export interface HelpdeskBreakerContext {
  failingSince: string | null;
  problem: string | null;
  /** Actors whose filings wait, next to try first; the one that tries stands last. */
  waiting: string[];
  /** Who was sent to try and has not been heard of since. */
  trying: string | null;
  /** Whether a person knows that it fails, and has yet to hear that it works again. */
  told: boolean;
  said: number;
}

export type HelpdeskBreakerEvent =
  /** `who` waits for its turn to try again; null where nobody does. `problem` is "held" where nobody was asked. */
  | { type: 'FAILED'; who: string | null; problem: string }
  | { type: 'LEFT'; who: string }
  | { type: 'SUCCEEDED' }
  /** Raised by the machine itself once a failure was counted. */
  | { type: 'COUNTED' };

type Change = Partial<HelpdeskBreakerContext>;
type Failure = Extract<HelpdeskBreakerEvent, { type: 'FAILED' }>;

/**
 * Who may try next. One that tried and was not heard of does not wait any more: it filed nothing after all, or its
 * filing is in doubt.
 */
const queue = ({ waiting, trying }: HelpdeskBreakerContext): string[] => waiting.filter((who) => who !== trying);

const failed = ({ problem, waiting, trying }: HelpdeskBreakerContext, failure: Failure): Change => ({
  problem: failure.problem === HELD ? problem : failure.problem,
  waiting: failure.who === null || waiting.includes(failure.who) ? waiting : [...waiting, failure.who],
  trying: trying === failure.who ? null : trying,
});

const left = ({ waiting, trying }: HelpdeskBreakerContext, who: string): Change => ({
  waiting: waiting.filter((id) => id !== who),
  trying: trying === who ? null : trying,
});

const turn = (whose: string[], probe: boolean): ActorMessage[] =>
  whose.map((to) => ({ to, event: { type: 'TRY', probe } }));

interface In {
  context: HelpdeskBreakerContext;
}

/** The first in the queue tries for all and goes to its end. */
const nextTries = [
  { type: 'tell', params: ({ context }: In) => turn(queue(context).slice(0, 1), true) },
  {
    type: 'set',
    params: ({ context }: In): Change => {
      const [first = null, ...others] = queue(context);
      return { waiting: first === null ? others : [...others, first], trying: first };
    },
  },
] as const;

const nobody: Change = { waiting: [], trying: null };

const release = [
  { type: 'tell', params: ({ context }: In) => turn(context.waiting, false) },
  { type: 'set', params: nobody },
] as const;

/** Held although it works: the word that it works again has crossed this one. */
const heldInVain = {
  guard: { type: 'isHeld', params: ({ event }: { event: Failure }) => event },
  actions: {
    type: 'tell',
    params: ({ event }: { event: Failure }) => turn(event.who === null ? [] : [event.who], false),
  },
} as const;

const message = (context: HelpdeskBreakerContext, kind: 'desk_failing' | 'desk_back'): DmRequest => ({
  id: `dm:helpdesk:${context.said}`,
  thread: `helpdesk:${context.failingSince}`,
  kind,
  source: null,
  body: { since: context.failingSince, problem: context.problem, waiting: context.waiting.length },
});

export const helpdeskBreakerMachine = setup({
  types: { input: {} as { id: string }, context: {} as HelpdeskBreakerContext, events: {} as HelpdeskBreakerEvent },
  actors: messageEffects,
  actions: {
    tell: (_, _messages: ActorMessage[]) => unprovided('tell'),
    set: assign((_, change: Change) => change),
  },
  guards: {
    wasTold: ({ context }) => context.told,
    nobodyWasTold: ({ context }) => !context.told,
    someoneWaits: ({ context }) => queue(context).length > 0,
    isHeld: (_, { problem }: { problem: string }) => problem === HELD,
  },
  delays: { betweenTries: 30_000, beforeForgetting: 10 * 60_000, beforeTelling: 30 * 60_000 },
}).createMachine({
  id: 'helpdesk',
  context: { failingSince: null, problem: null, waiting: [], trying: null, told: false, said: 0 },
  initial: 'working',
  states: {
    working: {
      entry: { type: 'set', params: { failingSince: null, problem: null, told: false } },
      on: {
        FAILED: [
          heldInVain,
          {
            target: 'failing',
            actions: {
              type: 'set',
              params: ({ context, event }) => ({ ...failed(context, event), failingSince: instantOf(event) }),
            },
          },
        ],
      },
    },

    failing: {
      type: 'parallel',
      on: {
        FAILED: {
          actions: [
            { type: 'set', params: ({ context, event }) => failed(context, event) },
            raise({ type: 'COUNTED' }),
          ],
        },
        LEFT: { actions: { type: 'set', params: ({ context, event }) => left(context, event.who) } },
        SUCCEEDED: [
          { guard: 'wasTold', target: 'back', actions: release },
          { target: 'working', actions: release },
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
                  { target: 'free', actions: { type: 'set', params: nobody } },
                ],
              },
            },
            // Nobody waited when the pause was over: the next to fail may try at once.
            free: {
              on: {
                COUNTED: [
                  { guard: 'someoneWaits', target: 'pausing', actions: nextTries },
                  { target: 'free', reenter: true },
                ],
              },
              // Not heard of for so long, a failure says nothing about now. A person who was told is owed the end of it.
              after: { beforeForgetting: { guard: 'nobodyWasTold', target: '#helpdesk.working' } },
            },
          },
        },
        news: {
          initial: 'quiet',
          states: {
            quiet: {
              always: { guard: 'wasTold', target: 'told' },
              after: { beforeTelling: 'telling' },
            },
            telling: {
              entry: { type: 'set', params: ({ context }) => ({ told: true, said: context.said + 1 }) },
              invoke: {
                id: 'dm',
                src: 'sendDm',
                input: ({ context }) => message(context, 'desk_failing'),
                onDone: 'told',
                onError: 'told',
              },
            },
            told: {},
          },
        },
      },
    },

    // Works again, and the person who heard that it fails hears this too.
    back: {
      entry: { type: 'set', params: ({ context }) => ({ said: context.said + 1 }) },
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => message(context, 'desk_back'),
        onDone: 'working',
        onError: 'working',
      },
      on: {
        // It fails again before the good news went out: to the person it never was back.
        FAILED: [
          heldInVain,
          { target: 'failing', actions: { type: 'set', params: ({ context, event }) => failed(context, event) } },
        ],
      },
    },
  },
});
