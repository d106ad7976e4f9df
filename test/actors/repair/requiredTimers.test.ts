import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { requiredTimers } from '../../../src/actors/repair/requiredTimers.ts';

it('a timer whose transitions all have guards is not required, because it may have fired without effect', () => {
  const machine = createMachine({
    id: 'sample',
    initial: 'guarded',
    states: {
      guarded: { after: { 1000: { guard: () => false, target: 'always' } } },
      always: { after: { 2000: 'guarded' } },
    },
  });
  expect(requiredTimers(machine).map(({ timerId }) => timerId)).toEqual(['xstate.after.2000.sample.always']);
});
