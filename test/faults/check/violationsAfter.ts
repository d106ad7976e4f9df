import type { FinalState } from '../finalState.ts';
import type { Complaint } from '../fleetOptions.ts';
import type { Ledger } from '../ledger.ts';
import { soundRun } from '../samples.ts';
import { checkClicks } from './clicks.ts';
import { checkEvents } from './episodes.ts';
import { checkFlapping } from './flapping.ts';
import { checkMessages } from './messages.ts';
import { checkProgram } from './program.ts';
import { checkReleases } from './releases.ts';
import { checkTickets } from './tickets.ts';
import type { ViolationKind } from './verdict.ts';
import { checkWebhooks } from './webhooks.ts';

/** The violations of a sound run after this change. */
export function violationsAfter(
  change: (facts: FinalState, ledger: Ledger, complaints: Complaint[]) => void,
): ViolationKind[] {
  const { facts, ledger } = soundRun();
  const complaints: Complaint[] = [];
  change(facts, ledger, complaints);
  return [
    ...checkEvents(facts, ledger),
    ...checkTickets(facts, ledger).violations,
    ...checkClicks(facts, ledger).violations,
    ...checkMessages(facts, ledger).violations,
    ...checkProgram(facts, ledger, complaints, 'parked'),
    ...checkWebhooks(facts, ledger, ['pager']).violations,
    ...checkReleases(facts, ledger).violations,
    ...checkFlapping(facts.moves).violations,
  ].map(({ kind }) => kind);
}

/** The alert key of the sound run. */
export const KEY = 'alpha:00000112345678ab';
