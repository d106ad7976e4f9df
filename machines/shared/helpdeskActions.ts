import * as helpdesk from './helpdeskMessages.ts';
import type { FilingResult } from './protocol.ts';

/** The reports to the circuit breaker, as actions for the chart of an actor whose filings wait for their turn. */
export const helpdeskActions = <Context extends { probe: boolean }>(actorIdOf: (context: Context) => string) =>
  ({
    reportFiled: {
      type: 'tell',
      params: ({ context, event }: Answered<Context>) => helpdesk.reportFiled(actorIdOf(context), event.output),
    },
    reportFound: {
      type: 'tell',
      params: ({ context }: In<Context>) => helpdesk.reportFound(actorIdOf(context)),
    },
    reportInDoubt: {
      type: 'tell',
      params: ({ context, event }: Answered<Context>) => helpdesk.reportInDoubt(actorIdOf(context), event.output),
    },
    reportFailed: {
      type: 'tell',
      params: ({ context, event }: Answered<Context>) => helpdesk.reportFailed(actorIdOf(context), event.output),
    },
    /** The filing waits for its turn. It is reported again and again, in case a report was lost. */
    reportWaiting: {
      type: 'tell',
      params: ({ context }: In<Context>) => helpdesk.reportStillWaiting(actorIdOf(context)),
    },
    /** Where the help desk was not called, the next filing that waits may try at once. */
    giveTurnBack: {
      type: 'tell',
      params: ({ context, event }: Answered<Context>) =>
        helpdesk.giveTurnBack(actorIdOf(context), context.probe, event.output),
    },
    leaveHelpdeskQueue: {
      type: 'tell',
      params: ({ context }: In<Context>) => helpdesk.leaveQueue(actorIdOf(context)),
    },
  }) as const;

interface In<Context> {
  context: Context;
}

interface Answered<Context> extends In<Context> {
  event: { output: FilingResult };
}
