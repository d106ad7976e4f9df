import { escalationMessage, type Unassigned, unassignedAudit } from './escalation.ts';
import { alertSetup } from './setup.ts';
import type { AlertContext } from './types.ts';

const tellSomebodyElse = (assignment: Unassigned) =>
  [
    { type: 'audit', params: ({ context }: { context: AlertContext }) => unassignedAudit(context, assignment) },
    { type: 'escalateUnassigned', params: assignment },
  ] as const;

/** Back in `idle`, a changed rule begins a new watch. */
const endsEarly = [
  { guard: 'isSilenced', target: 'idle' },
  { guard: 'isRuleChanged', target: 'idle' },
] as const;

/**
 * Reads once in each episode whether somebody is assigned to the ticket of a P1. The message to the other recipient has
 * an effect of its own, so that it does not wait for the other messages about the alert.
 */
export const escalationRegion = alertSetup.createStateConfig({
  initial: 'idle',
  states: {
    idle: {
      description:
        'No escalation is due: no P1, no ticket, no rule for its source, a silence, or it was escalated or checked ' +
        'already. After a silence the time of the rule starts again.',
      always: { guard: 'needsLook', target: 'watching' },
    },
    watching: {
      description:
        'An active P1 has its ticket. When the time of the rule is over, its assignment is read. A rule that is removed ' +
        'ends the watch; with one that is changed it begins anew.',
      entry: 'beginWatch',
      on: { ENDED: 'idle' },
      always: endsEarly,
      after: { escalation: 'verifying' },
    },
    verifying: {
      description:
        'The assignment is read from FreeScout, and for up to five minutes again if that fails; then the message says ' +
        'that the assignment is unknown. No message is sent about a ticket that is assigned, closed or deleted.',
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
      always: endsEarly,
      after: { assignmentUnknown: { target: 'telling', actions: tellSomebodyElse('unknown') } },
    },
    telling: {
      description:
        'The message is being sent, even if the alert resolves meanwhile. If it cannot be sent it becomes a dead letter.',
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
