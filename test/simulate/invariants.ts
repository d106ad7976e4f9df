import type { Check, InvariantName, Violation } from './check.ts';
import type { Environment } from './environment.ts';
import * as messages from './invariantsOfMessages.ts';
import * as states from './invariantsOfStates.ts';
import * as tickets from './invariantsOfTickets.ts';

/** All invariants together: the first that is violated is the answer. */
export function createChecks(environment: Environment): { step(): Violation | null; atEnd(): Violation | null } {
  const checks: [InvariantName, Check][] = [
    ['one ticket', tickets.oneTicket(environment)],
    ['ticket in time', tickets.ticketInTime(environment)],
    ['nothing unwanted', tickets.nothingUnwanted(environment)],
    ['one audit row', tickets.oneAuditRow(environment)],
    ['complete tags', tickets.completeTags(environment)],
    ['one answer', messages.oneAnswer(environment)],
    ['one opening', messages.oneOpening(environment)],
    ['one tries', messages.oneTries(environment)],
    ['no trap', states.noTrap(environment)],
  ];
  const first = (when: keyof Check): Violation | null => {
    for (const [invariant, check] of checks) {
      const what = check[when]?.() ?? null;
      if (what !== null) return { invariant, what };
    }
    return null;
  };
  return {
    step() {
      const violation = first('step');
      environment.moved.clear();
      return violation;
    },
    atEnd: () => first('atEnd'),
  };
}
