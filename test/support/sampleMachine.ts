import { assign, fromPromise, setup } from 'xstate';
import type { MachineEntry } from '../../src/actors/registry.ts';

export interface SampleContext {
  n: number;
  fired: number;
  answer: unknown;
}

export type SampleEvent =
  | { type: 'ADD'; by: number }
  | { type: 'SEE'; n: number }
  | { type: 'NOTE'; text: string }
  | { type: 'BOOM' }
  | { type: 'WORK' }
  | { type: 'WAIT' }
  | { type: 'CALM' }
  /** Starts an effect and a timer and cancels both in the same step. */
  | { type: 'BRIEFLY' };

/** A machine with one of everything that a host executes: an assign, an action, an exception, an effect and a timer. */
export const sampleMachine = setup({
  types: { input: {} as { id: string }, context: {} as SampleContext, events: {} as SampleEvent },
  actors: { work: fromPromise<unknown, { n: number }>(() => Promise.reject(new Error('nobody works'))) },
  actions: {
    note: (_, _text: string) => undefined,
    set: assign((_, change: Partial<SampleContext>) => change),
    explode: assign(() => {
      throw new Error('it exploded');
    }),
  },
  delays: { rest: 60_000 },
}).createMachine({
  id: 'toy',
  context: { n: 0, fired: 0, answer: null },
  initial: 'idle',
  on: {
    ADD: { actions: { type: 'set', params: ({ context, event }) => ({ n: context.n + event.by }) } },
    SEE: { actions: { type: 'set', params: ({ event }) => ({ n: event.n }) } },
    NOTE: { actions: { type: 'note', params: ({ event }) => event.text } },
    BOOM: { actions: 'explode' },
    CALM: '.idle',
  },
  states: {
    idle: { on: { WORK: 'working', WAIT: 'waiting', BRIEFLY: 'passing' } },
    working: {
      invoke: {
        id: 'job',
        src: 'work',
        input: ({ context }) => ({ n: context.n }),
        onDone: { target: 'idle', actions: { type: 'set', params: ({ event }) => ({ answer: event.output }) } },
        onError: {
          target: 'idle',
          actions: { type: 'set', params: ({ event }) => ({ answer: { error: event.error } }) },
        },
      },
    },
    passing: { invoke: { id: 'job', src: 'work', input: { n: 0 } }, after: { rest: 'idle' }, always: 'idle' },
    waiting: {
      on: { WAIT: { target: 'waiting', reenter: true } },
      after: {
        rest: { target: 'idle', actions: { type: 'set', params: ({ context }) => ({ fired: context.fired + 1 }) } },
      },
    },
  },
});

export const sampleEntry: MachineEntry = {
  kind: 'toy',
  machine: sampleMachine,
  version: 1,
  migrations: {},
  urgent: [],
};
