import { surfaceSetup } from './setup.ts';
import type { CheckedEvent } from './types.ts';

const check = ({ event }: { event: CheckedEvent }) => event;

/** Half of the checks decide when it ends. */
const counted = [
  { guard: { type: 'overloadIsOver', params: check }, target: 'none' },
  // The time of grace goes on from the beginning of the overload.
  {
    guard: { type: 'hasOtherGrace', params: check },
    target: 'overloaded',
    reenter: true,
    actions: { type: 'countOverload', params: check },
  },
  { actions: { type: 'countOverload', params: check } },
] as const;

/** How long a surface has been answering 429 or 503 with Retry-After. */
export const overloadRegion = surfaceSetup.createStateConfig({
  initial: 'none',
  on: { REMOVED: '.none' },
  states: {
    none: {
      description: 'Less than half of the recent checks were answered with Retry-After.',
      entry: 'forgetOverload',
      on: {
        CHECKED: {
          guard: { type: 'isOverloaded', params: check },
          target: 'overloaded',
          actions: [{ type: 'countOverload', params: check }, 'beginOverload'],
        },
      },
    },
    overloaded: {
      description: 'At least half of the checks are answered with Retry-After. Such checks count as slow for a while.',
      on: { CHECKED: counted },
      after: { overloadGrace: 'tooLong' },
    },
    tooLong: {
      description: 'The overload has lasted too long: such checks count as failed.',
      entry: { type: 'setOverloadedTooLong', params: true },
      exit: { type: 'setOverloadedTooLong', params: false },
      on: { CHECKED: counted },
    },
  },
});
