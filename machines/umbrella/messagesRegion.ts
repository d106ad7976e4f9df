import * as storm from './members.ts';
import { umbrellaSetup } from './setup.ts';

interface In {
  context: storm.UmbrellaContext;
}

/** Sent, or kept as a dead letter: whom it names is not named again. */
const said = {
  target: 'quiet',
  actions: { type: 'set', params: ({ context }: In) => storm.saidSo(context) },
} as const;

/** Messages that name many alerts at once. */
export const messagesRegion = umbrellaSetup.createStateConfig({
  initial: 'quiet',
  on: {
    DM_MEMBER: {
      actions: { type: 'set', params: ({ context, event }) => storm.toBeSaid(context, event.member) },
    },
  },
  states: {
    quiet: {
      always: [
        {
          guard: 'overflows',
          target: 'sending',
          actions: { type: 'set', params: ({ context }) => storm.toSay(context) },
        },
        { guard: 'isUnsaid', target: 'gathering' },
      ],
    },
    gathering: {
      after: {
        gathering: { target: 'sending', actions: { type: 'set', params: ({ context }) => storm.toSay(context) } },
      },
    },
    sending: {
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => storm.grouped(context),
        onDone: said,
        onError: said,
      },
    },
  },
});
