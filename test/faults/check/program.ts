import { groupBy } from '../../../src/lib/groupBy.ts';
import type { FinalState } from '../finalState.ts';
import type { Complaint } from '../fleetOptions.ts';
import type { Create, Ledger } from '../ledger.ts';
import { TAKEN_OVER_WITHIN_MS } from '../takeover.ts';
import { type Violation, violation } from './verdict.ts';

/** From reading the flag to sending the request: the time of one call on a slow machine. */
const FLAG_DELAY_MS = 4_000;

/** Checks that nothing is left over, no process misbehaved, and the flag was obeyed. */
export function checkProgram(
  facts: FinalState,
  ledger: Ledger,
  complaints: readonly Complaint[],
  parked: string,
): Violation[] {
  const windows = facts.audits.filter(
    ({ action, payload }) =>
      action === 'console.surfaces.maintenance_started' &&
      payload.surface_id === parked &&
      !ledger.repeated.has(String(payload.until)),
  );
  const paths = new Map(facts.filings.map(({ marker, path }) => [marker, path]));
  return [
    ...facts.dead.map((what) => violation('dead_letter', what)),
    ...facts.parked.map((what) => violation('parked', what)),
    ...(facts.held > 0 ? [violation('parked', `${facts.held} events are parked`)] : []),
    ...(windows.length === 0 ? [violation('missing_audit', 'the maintenance window is not in the audit log')] : []),
    ...windows
      .slice(1)
      .map(() => violation('wrong_audit', 'the maintenance window is in the audit log more than once')),
    ...checkRepeated(facts, ledger),
    ...complaints.map(({ process, what, text }) => violation(what, `${process}: ${text}`)),
    ...ledger.wrongRejections.map((what) => violation('wrong_rejection', what)),
    ...ledger.takeovers
      .filter(({ ms }) => ms === null || ms > TAKEN_OVER_WITHIN_MS)
      .map(({ process, jobs, ms }) =>
        violation(
          'slow_takeover',
          ms === null
            ? `${jobs} jobs of the vanished ${process} were never taken over`
            : `${jobs} jobs of the vanished ${process} were taken over after ${ms / 1000} s`,
        ),
      ),
    ...ledger.creates
      .filter((create) => paths.get(create.marker) === 'alert' && wasOff(create, ledger))
      .map(({ ticketId }) => violation('filed_while_off', `ticket ${ticketId} was posted while the flag was off`)),
  ];
}

/** A message that the queue delivered twice took effect once. */
function checkRepeated({ audits }: FinalState, { repeated }: Ledger): Violation[] {
  const windows = groupBy(
    audits.filter(({ action }) => action === 'console.surfaces.maintenance_started'),
    ({ payload }) => String(payload.until),
  );
  return [...repeated].flatMap(([until, sent]) => {
    const times = windows.get(until)?.length ?? 0;
    if (times > 1) return [violation('repeated_event', `the message about ${until} took effect ${times} times`)];
    return times === 0 && sent === 'sent'
      ? [violation('lost_event', `the message about ${until} was put into the queue and took no effect`)]
      : [];
  });
}

/** A process that was paused may have read the flag before. */
const wasOff = ({ receivedAt }: Create, { flagOff, pauses }: Ledger): boolean =>
  flagOff.some(
    (off) =>
      receivedAt > off.from + FLAG_DELAY_MS &&
      receivedAt < off.until &&
      !pauses.some(({ from, until }) => from < receivedAt && until > off.from - FLAG_DELAY_MS),
  );
