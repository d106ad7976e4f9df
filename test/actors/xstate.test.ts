import { describe, expect, it } from 'vitest';
import {
  assign,
  createActor,
  type EventObject,
  fromPromise,
  initialTransition,
  raise,
  setup,
  transition,
} from 'xstate';
import { getStateNodes } from 'xstate/graph';
import * as pureMachine from '../../src/actors/pureMachine.ts';
import type { MachineEntry } from '../../src/actors/registry.ts';
import { hydrate, initial, persist, step, Unrestorable } from '../../src/actors/step.ts';

/**
 * What `src/actors/step.ts` and the machines rely on and XState does not promise: the names and shapes of its own
 * actions, their order, and what survives a snapshot stored as JSON. An upgrade that breaks one of these breaks here.
 */

interface Context {
  n: number;
}
type Name = 'GO' | 'AGAIN' | 'BREAK' | 'REGION' | 'WENT' | 'BIG' | 'LATER' | 'AWAY' | 'BACK' | 'UNHEARD';
type ToyEvent = { [Each in Name]: { type: Each } }[Name];

function never(): never {
  throw new Error('nothing may be carried out here');
}

const machine = setup({
  types: { input: {} as { id: string }, context: {} as Context, events: {} as ToyEvent },
  actors: { work: fromPromise<number, { n: number }>(never) },
  actions: { say: (_, _what: string | number) => never(), set: assign((_, change: Partial<Context>) => change) },
  guards: { isBig: ({ context }) => context.n > 9, breaks: never },
  delays: { soon: ({ context }) => context.n * 1_000 },
}).createMachine({
  id: 'toy',
  type: 'parallel',
  context: ({ input }) => ({ n: input?.id.length ?? 0 }),
  states: {
    left: {
      initial: 'resting',
      states: {
        resting: {
          on: {
            GO: {
              target: 'working',
              actions: [
                { type: 'say', params: ({ context }) => context.n },
                { type: 'set', params: { n: 2 } },
                { type: 'say', params: ({ context }) => context.n },
                raise({ type: 'WENT' }),
              ],
            },
            BREAK: { guard: 'breaks', target: 'working' },
          },
        },
        working: {
          entry: { type: 'say', params: 'entry' },
          invoke: {
            id: 'child',
            src: 'work',
            input: ({ context }) => ({ n: context.n }),
            onDone: 'resting',
            onError: 'broken',
          },
          after: { soon: 'broken' },
          on: { AGAIN: { target: 'working', reenter: true, actions: { type: 'set', params: { n: 3 } } } },
        },
        broken: {},
      },
    },
    right: {
      initial: 'calm',
      on: { REGION: { target: '.calm', reenter: true } },
      states: {
        calm: {
          on: { WENT: { target: 'stirred', actions: { type: 'say', params: 'right has heard' } }, BIG: 'checked' },
        },
        stirred: { on: { WENT: 'stirred' } },
        checked: {
          initial: 'one',
          entry: { type: 'set', params: { n: 10 } },
          states: {
            one: {
              always: { guard: 'isBig', target: 'two', actions: { type: 'say', params: ({ event }) => event.type } },
            },
            two: {
              entry: raise({ type: 'LATER' }),
              on: { LATER: { actions: { type: 'say', params: 'raised last' } } },
            },
            past: { type: 'history', history: 'deep' },
          },
          on: { AWAY: 'away' },
        },
        away: { on: { BACK: 'checked.past' } },
      },
    },
  },
});

const entry: MachineEntry = { kind: 'toy', machine, version: 1, migrations: {}, urgent: [] };
const begin = () => initial(entry, 'ab');
const having = (...types: string[]) =>
  types.reduce((snapshot, type) => step(entry, snapshot, { type }).snapshot, begin());
const stored = (...types: string[]) => hydrate(entry, persist(entry, having(...types)), 1);
const shapes = (...types: string[]) => {
  const last = types.at(-1) ?? '';
  const before = having(...types.slice(0, -1));
  return transition(machine, before as never, { type: last } as ToyEvent)[1].map(({ type, params }) => ({
    type,
    params,
  }));
};

describe('what a transition asks for', () => {
  it('named actions come under their names with the parameters of their moment, in the order of the chart', () => {
    const { actions } = step(entry, begin(), { type: 'GO' });
    expect(actions).toEqual([
      { name: 'say', params: 2 },
      { name: 'say', params: 2 },
      { name: 'say', params: 'entry' },
      { name: 'say', params: 'right has heard' },
    ]);
  });

  it('an assignment leaves no action behind, and is seen by the parameters after it and not before', () => {
    const first = step(entry, initial(entry, 'abcde'), { type: 'GO' }).actions;
    expect(first.slice(0, 2).map(({ params }) => params)).toEqual([5, 2]);
  });

  it('a raise without delay is reported without one, and has been handled by every region in the same transition', () => {
    expect(shapes('GO')).toContainEqual({ type: 'xstate.raise', params: { event: { type: 'WENT' } } });
    expect(having('GO').value).toEqual({ left: 'working', right: 'stirred' });
  });

  it('a delay is a raise with id, milliseconds and event; the delay sees the context that the transition left', () => {
    const id = 'xstate.after.soon.toy.left.working';
    expect(shapes('GO')).toContainEqual({ type: 'xstate.raise', params: { event: { type: id }, id, delay: 2_000 } });
    expect(step(entry, begin(), { type: 'GO' }).armed).toEqual([{ timerId: id, delayMs: 2_000, event: { type: id } }]);
  });

  it('leaving the state cancels by the same id', () => {
    const id = 'xstate.after.soon.toy.left.working';
    expect(step(entry, having('GO'), { type: 'xstate.done.actor.child' })).toMatchObject({
      cancelled: [id],
      stopped: ['child'],
    });
  });

  it('re-entering cancels and stops first, and then arms and starts under the same ids', () => {
    expect(shapes('GO', 'AGAIN').map(({ type }) => type)).toEqual([
      'xstate.cancel',
      'xstate.stopChild',
      'say',
      'xstate.raise',
      'xstate.spawnChild',
    ]);
    expect(step(entry, having('GO'), { type: 'AGAIN' }).armed[0]?.delayMs).toBe(3_000);
  });

  it('an invocation is a spawnChild with id, the name of its source and its computed input', () => {
    expect(step(entry, begin(), { type: 'GO' }).effects).toEqual([{ childId: 'child', src: 'work', input: { n: 2 } }]);
  });

  it('transitions that follow of themselves come before raised events, and see the event that led to them', () => {
    expect(step(entry, begin(), { type: 'BIG' }).actions.map(({ params }) => params)).toEqual(['BIG', 'raised last']);
  });

  it('re-entering a region of a parallel state re-enters its siblings, too', () => {
    expect(step(entry, having('GO'), { type: 'REGION' }).snapshot.value).toEqual({ left: 'resting', right: 'calm' });
  });

  it('an unknown event asks for nothing and moves nothing', () => {
    expect(step(entry, having('GO'), { type: 'UNHEARD' })).toMatchObject({
      moved: false,
      actions: [],
      effects: [],
      armed: [],
    });
  });

  it('nothing is carried out, and what a machine throws is thrown', () => {
    expect(() => step(entry, begin(), { type: 'BREAK' })).toThrow(/nothing may be carried out/);
  });
});

describe('the end of an effect', () => {
  it('an effect that succeeds ends with an event named after its child, with its output', () => {
    const event = { type: 'xstate.done.actor.child', output: 1, actorId: 'child' };
    expect(step(entry, stored('GO'), event).snapshot).toMatchObject({ value: { left: 'resting' }, children: {} });
  });

  it('an effect that fails ends with an event named after its child, with its error', () => {
    const event = { type: 'xstate.error.actor.child', error: { message: 'given up' }, actorId: 'child' };
    expect(step(entry, stored('GO'), event).snapshot.value).toMatchObject({ left: 'broken' });
  });

  it('a timer fires by the event that it was armed with', () => {
    const [timer] = step(entry, begin(), { type: 'GO' }).armed;
    expect(step(entry, stored('GO'), timer?.event as EventObject).snapshot.value).toMatchObject({ left: 'broken' });
  });
});

describe('a stored snapshot', () => {
  it('is plain JSON that comes back as it went', () => {
    const json = persist(entry, having('GO'));
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(persist(entry, hydrate(entry, json, 1))).toEqual(json);
  });

  it('keeps its effects under way, so that leaving the state stops them', () => {
    const snapshot = stored('GO');
    expect(Object.keys(snapshot.children)).toEqual(['child']);
    expect(step(entry, snapshot, { type: 'xstate.after.soon.toy.left.working' })).toMatchObject({ stopped: ['child'] });
  });

  it('is restored without starting anything: an actor that was never started does nothing', async () => {
    const actor = createActor(machine, { input: { id: 'ab' }, snapshot: persist(entry, having('GO')) as never });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', value: { left: 'working' } });
  });

  it('remembers history', () => {
    expect(step(entry, stored('BIG', 'AWAY'), { type: 'BACK' }).snapshot.value).toMatchObject({
      right: { checked: 'two' },
    });
  });

  it('moves on as the unstored one does', () => {
    for (const type of ['AGAIN', 'REGION', 'WENT', 'xstate.done.actor.child']) {
      const { actions, effects, armed, stopped, snapshot } = step(entry, stored('GO'), { type });
      const live = step(entry, having('GO'), { type });
      expect({ actions, effects, armed, stopped }).toEqual({
        actions: live.actions,
        effects: live.effects,
        armed: live.armed,
        stopped: live.stopped,
      });
      expect(persist(entry, snapshot)).toEqual(persist(entry, live.snapshot));
    }
  });

  it.each(['', 'WENT', 'BIG', 'BIG AWAY', 'GO', 'GO xstate.done.actor.child'])(
    'after the events "%s" keeps its own context where another actor in its state was restored before',
    (events) => {
      const before = persist(entry, having(...events.split(' ').filter((type) => type !== '')));
      const asked = (snapshot: Parameters<typeof step>[1]) => {
        const { actions, armed } = step(entry, snapshot, { type: 'GO' });
        return { actions, armed };
      };
      for (const n of [4, 7, 4]) {
        const ours = hydrate(entry, { ...before, context: { n } }, 1);
        expect(persist(entry, ours)).toEqual({ ...before, context: { n } });
        const theirs = machine.resolveState({ value: ours.value, context: { n } });
        expect(asked(ours)).toEqual(asked(theirs));
      }
    },
  );

  it('of a state that is no more does not restore, however often it is tried', () => {
    const json = { ...persist(entry, begin()), value: { left: 'gone', right: 'calm' } };
    for (const _ of [1, 2]) expect(() => hydrate(entry, json, 1)).toThrow(Unrestorable);
  });
});

describe('the beginning', () => {
  it('asks for nothing, and takes its context from the actor id', () => {
    expect(initial(entry, 'abc')).toMatchObject({ context: { n: 3 }, value: { left: 'resting', right: 'calm' } });
  });

  it('the context initialiser runs again without input in each later transition, so it must bear that', () => {
    const [snapshot] = initialTransition(machine, { id: 'abc' });
    expect(transition(machine, snapshot, { type: 'UNHEARD' })[0].context).toEqual({ n: 3 });
  });

  it('each actor begins as the library says, also where another one of its machine began before', () => {
    for (const id of ['ab', 'abcde', 'ab']) {
      const ours = initial(entry, id);
      const [theirs] = initialTransition(machine, { id });
      expect(persist(entry, ours)).toEqual(persist(entry, theirs));
      expect(step(entry, ours, { type: 'GO' }).actions).toEqual(step(entry, theirs, { type: 'GO' }).actions);
    }
  });

  it('an actor that has moved on changes nothing about how later actors begin', () => {
    const before = persist(entry, begin());
    having('GO', 'BIG', 'AWAY');
    expect(persist(entry, begin())).toEqual(before);
  });

  it('a machine that assigns something at its beginning does so for each actor', () => {
    const assigning = setup({
      types: { input: {} as { id: string }, context: {} as { id: string; shout: string } },
    }).createMachine({
      context: ({ input }) => ({ id: input.id, shout: '' }),
      entry: assign({ shout: ({ context }) => `${context.id}!` }),
    });
    const ofAssigning: MachineEntry = { kind: 'toy', machine: assigning, version: 1, migrations: {}, urgent: [] };
    expect(['ab', 'abc'].map((id) => initial(ofAssigning, id).context.shout)).toEqual(['ab!', 'abc!']);
  });

  it('the host evaluates every event in every state as the library does', () => {
    const events = ['GO', 'AGAIN', 'REGION', 'WENT', 'BIG', 'LATER', 'AWAY', 'BACK', 'UNHEARD'] as const;
    const requested = (actions: readonly { type: string; params?: unknown }[]) =>
      actions.map(({ type, params }) => JSON.parse(JSON.stringify({ type, params })));
    const [first, firstActions] = initialTransition(machine, { id: 'abc' });
    const [ours, ourActions] = pureMachine.initialTransition(machine, { id: 'abc' });
    expect([persist(entry, ours), requested(ourActions)]).toEqual([persist(entry, first), requested(firstActions)]);
    let states = [first];
    for (let depth = 0; depth < 3; depth++) {
      states = states.flatMap((before) =>
        events.map((type) => {
          const [after, actions] = transition(machine, before, { type });
          const [ourAfter, our] = pureMachine.transition(machine, before, { type });
          expect([persist(entry, ourAfter), requested(our)]).toEqual([persist(entry, after), requested(actions)]);
          return after;
        }),
      );
    }
  });

  it('every state can be found from the machine, which the pictures of the charts need', () => {
    expect(getStateNodes(machine).map((node) => node.path.join('.'))).toContain('right.checked.two');
  });
});
