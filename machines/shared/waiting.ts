import { doubted, stillWaits } from './helpdeskMessages.ts';
import type { ActorMessage } from './protocol.ts';

/** Parts of a chart in which a filing waits for the help desk, the same for everybody who files. */

/** Delays of `setup` that these parts need. */
export const delays = { reminder: 5 * 60_000 };

/** The states of a doubt. One that lasts means that nobody can look: the help desk still fails. */
export const looking = {
  initial: 'looking',
  states: {
    looking: {
      after: { reminder: { target: 'looking', reenter: true, actions: { type: 'tell', params: doubted } } },
    },
  },
} as const;

/** Its turn has come, for all or because the help desk works again. */
export const itsTurn = {
  target: 'filing',
  actions: { type: 'set', params: ({ event }: { event: { probe: boolean } }) => ({ probe: event.probe }) },
} as const;

/** Whoever waits long says so again. */
export const reminds = <Context>(me: (context: Context) => string) =>
  ({
    target: 'waiting',
    reenter: true,
    actions: { type: 'tell', params: ({ context }: { context: Context }): ActorMessage[] => stillWaits(me(context)) },
  }) as const;
