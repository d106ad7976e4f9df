import { surfaceSetup } from './setup.ts';
import type { CheckedEvent } from './types.ts';

const isOverloaded = { type: 'isOverloaded', params: ({ event }: { event: CheckedEvent }) => event } as const;

/** How long a surface has been asking its clients to come back later (429 or 503 with Retry-After). */
export const overloadRegion = surfaceSetup.createStateConfig({
  initial: 'none',
  on: { REMOVED: '.none' },
  states: {
    none: {
      description: 'The last check was not answered with Retry-After.',
      on: { CHECKED: { guard: isOverloaded, target: 'overloaded' } },
    },
    overloaded: {
      description: 'Each check is answered with Retry-After. Such checks count as slow for a while.',
      on: { CHECKED: [{ guard: isOverloaded }, { target: 'none' }] },
      after: { overloadGrace: 'tooLong' },
    },
    tooLong: {
      description: 'It has lasted too long: such checks count as failed.',
      entry: { type: 'setOverloadedTooLong', params: true },
      exit: { type: 'setOverloadedTooLong', params: false },
      on: { CHECKED: [{ guard: isOverloaded }, { target: 'none' }] },
    },
  },
});
