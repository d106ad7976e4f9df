import type { Environment } from './environment.ts';
import type { Check, InvariantName, Violation } from './invariantNames.ts';
import * as episodes from './invariantsOfEpisodes.ts';
import * as messages from './invariantsOfMessages.ts';
import * as sends from './invariantsOfSends.ts';
import * as states from './invariantsOfStates.ts';
import * as tickets from './invariantsOfTickets.ts';

/** Checks all invariants; returns the first violation. */
export function createChecks(environment: Environment): { step(): Violation | null; atEnd(): Violation | null } {
  const checks: [InvariantName, Check][] = [
    ['one ticket', tickets.oneTicket(environment)],
    ['ticket in time', tickets.ticketInTime(environment)],
    ['right ticket', episodes.rightTicket(environment)],
    ['short suspicion', episodes.shortSuspicion(environment)],
    ['nothing held', sends.nothingHeld(environment)],
    ['adoption', sends.adoption(environment)],
    ['nothing unwanted', sends.nothingUnwanted(environment)],
    ['one audit row', tickets.oneAuditRow(environment)],
    ['complete tags', tickets.completeTags(environment)],
    ['one note', tickets.oneNote(environment)],
    ['one answer', messages.oneAnswer(environment)],
    ['one opening', messages.oneOpening(environment)],
    ['right end', messages.rightEnd(environment)],
    ['one probe', messages.oneProbe(environment)],
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
