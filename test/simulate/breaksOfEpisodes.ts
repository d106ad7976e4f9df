import { alertMachine } from '../../machines/alert/machine.ts';
import { type Break, withMachine } from './breakage.ts';
import { FLOOD } from './flood.ts';

/** Breaks of what joins episodes, and keeps them apart: continued tickets, replays, and ids that change. */
export const EPISODE_BREAKS = {
  'no-continuation': {
    violates: 'right ticket',
    what: 'an episode that begins soon after the last one is filed anew',
    breakage: { machines: withMachine('alert', alertMachine.provide({ guards: { beginsSoon: () => false } })) },
  },
  'endless-continuation': {
    violates: 'right ticket',
    what: 'an episode continues the ticket of the last one however long ago that ended',
    seed: 3,
    breakage: { machines: withMachine('alert', alertMachine.provide({ guards: { beginsSoon: () => true } })) },
  },
  'continues-closed': {
    violates: 'right ticket',
    what: 'an episode continues a ticket that a person has closed',
    seed: 8,
    breakage: {
      freescout: (freescout) => ({
        ...freescout,
        get: async (id, options) => ({ ...(await freescout.get(id, options)), open: true }),
      }),
    },
  },
  'announces-unknown-ends': {
    violates: 'right end',
    what: 'the end of an alert is announced although a silence held its beginning back',
    breakage: { machines: withMachine('alert', alertMachine.provide({ guards: { endsUntold: () => false } })) },
  },
  'ignores-replays': {
    violates: 'ticket in time',
    what: 'an alert ignores the replay of its dead letter',
    seed: 3,
    breakage: { machines: withMachine('alert', alertMachine.provide({ guards: { isDeadLetter: () => false } })) },
  },
  'no-suspicion': {
    violates: 'one ticket',
    what: 'an id that may be another one of the same alert is filed at once',
    breakage: { isSuspect: () => false },
  },
  'no-groups': {
    violates: 'one ticket',
    what: 'the ids of a sender that changes them in each cycle never count as one alert',
    breakage: { churn: (store) => ({ ...store, saveGroup: async () => undefined }) },
  },
  'endless-suspicion': {
    violates: 'short suspicion',
    what: 'the suspicion that an alert is another one under a new id does not end',
    breakage: { isSuspect: (alertKey) => alertKey.startsWith(FLOOD) },
  },
} satisfies Record<string, Break>;
