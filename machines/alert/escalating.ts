import { escalationMessage, type Unassigned, unassignedAudit } from './escalation.ts';
import { alertSetup } from './setup.ts';
import type { AlertContext } from './types.ts';

const tellSomebodyElse = (assignment: Unassigned) =>
  [
    { type: 'audit', params: ({ context }: { context: AlertContext }) => unassignedAudit(context, assignment) },
    { type: 'escalateUnassigned', params: assignment },
  ] as const;

/**
 * Whether somebody is assigned to the ticket of a P1, looked at once in each episode. The message to somebody else has an
 * effect of its own, so that it does not wait for the other messages about the alert.
 */
export const escalationRegion = alertSetup.createStateConfig({
  initial: 'idle',
  states: {
    idle: {
      description:
        'Nobody else is to be told: no P1, no ticket, no rule for its source, a silence, or it was looked at already. ' +
        'After a silence the time of the rule begins anew.',
      always: { guard: 'needsLook', target: 'watching' },
    },
    watching: {
      description:
        'An active P1 has its ticket. Whether somebody is assigned to it is read when the time of the rule is over.',
      on: { ENDED: 'idle' },
      always: { guard: 'isSilenced', target: 'idle' },
      after: { escalation: 'verifying' },
    },
    verifying: {
      description:
        'FreeScout is read. While it cannot be read it is asked again, for five minutes; then the message says that ' +
        'the assignment is unknown. Nobody is told of a ticket that is assigned, closed or deleted.',
      invoke: {
        id: 'assignment',
        src: 'readAssignment',
        input: ({ context }) => ({ ticketId: context.ticket?.id ?? 0 }),
        onDone: [
          {
            guard: { type: 'isUnassigned', params: ({ event }) => event.output },
            target: 'telling',
            actions: tellSomebodyElse('unassigned'),
          },
          { target: 'idle', actions: 'settleAssignment' },
        ],
        onError: { target: 'telling', actions: tellSomebodyElse('unknown') },
      },
      on: { ENDED: 'idle' },
      always: { guard: 'isSilenced', target: 'idle' },
      after: { assignmentUnknown: { target: 'telling', actions: tellSomebodyElse('unknown') } },
    },
    telling: {
      description:
        'The message is being sent, also if the alert resolves meanwhile. If it cannot be sent it becomes a dead letter.',
      invoke: {
        id: 'escalationDm',
        src: 'sendDm',
        input: ({ context }) => escalationMessage(context),
        onDone: { target: 'idle', actions: 'finishEscalation' },
        // The host keeps it as a dead letter.
        onError: { target: 'idle', actions: 'finishEscalation' },
      },
    },
  },
});
