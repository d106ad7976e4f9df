import { groupedMessage, messageHandedOver } from './groupedMessage.ts';
import { umbrellaSetup } from './setup.ts';

/** Grouped messages, each naming many alerts at once. They do not wait for the ticket. */
export const messagesRegion = umbrellaSetup.createStateConfig({
  initial: 'quiet',
  on: {
    DM_MEMBER: { actions: { type: 'queueAlert', params: ({ event }) => event.member } },
  },
  // So the umbrella keeps few alerts itself, however long messages cannot be sent.
  always: {
    guard: 'fillsMessage',
    actions: [{ type: 'tell', params: ({ context }) => messageHandedOver(context) }, 'handOverMessage'],
  },
  states: {
    quiet: {
      description: 'Every alert was listed in a message.',
      always: { guard: 'hasAlerts', target: 'gathering' },
    },
    gathering: {
      description:
        'Alerts wait to be listed together in one message. If more wait than it can list, a further message is sent ' +
        'at once.',
      after: { gathering: { target: 'sending', actions: 'startMessage' } },
    },
    sending: {
      description:
        'The message is being sent. If it cannot be sent it becomes a dead letter, and its alerts are not ' +
        'listed again.',
      invoke: {
        id: 'dm',
        src: 'sendDm',
        input: ({ context }) => groupedMessage(context),
        onDone: { target: 'quiet', actions: 'finishMessage' },
        // The host keeps it as a dead letter. The alerts that it names are not named again.
        onError: { target: 'quiet', actions: 'finishMessage' },
      },
    },
  },
});
