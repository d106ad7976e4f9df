import type { Check, InvariantName, Violation } from './check.ts';
import type { World } from './environment.ts';
import * as messages from './invariantsOfMessages.ts';
import * as states from './invariantsOfStates.ts';
import * as tickets from './invariantsOfTickets.ts';

/** All invariants together: the first that is violated is the answer. */
export function createChecks(world: World): { step(): Violation | null; atEnd(): Violation | null } {
  const checks: [InvariantName, Check][] = [
    ['one ticket', tickets.oneTicket(world)],
    ['ticket in time', tickets.ticketInTime(world)],
    ['nothing unwanted', tickets.nothingUnwanted(world)],
    ['one audit row', tickets.oneAuditRow(world)],
    ['complete tags', tickets.completeTags(world)],
    ['one answer', messages.oneAnswer(world)],
    ['one opening', messages.oneOpening(world)],
    ['one tries', messages.oneTries(world)],
    ['no trap', states.noTrap(world)],
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
      world.moved.clear();
      return violation;
    },
    atEnd: () => first('atEnd'),
  };
}
