import type { FinalState } from '../finalState.ts';
import type { Ledger } from '../ledger.ts';
import { type FaultCounts, type FaultName, KILL_FAULTS, LINK_FAULTS, NAME_FAULTS } from '../planFaults.ts';
import { type Violation, violation } from './verdict.ts';

/** The faults of each rare kind, and from how many on a run must have had one. */
const RARE: Record<keyof FaultCounts, { names: readonly FaultName[]; from: number }> = {
  silentLinks: { names: LINK_FAULTS, from: 3 },
  // On a busy machine, the moment for a few of them may not come.
  lostHosts: { names: ['host_lost'], from: 3 },
  longPauses: { names: ['pause_in_transaction'], from: 3 },
  failovers: { names: ['failover', 'failover_silent'], from: 1 },
  nameFaults: { names: NAME_FAULTS, from: 3 },
  clockSteps: { names: ['server_clock_back', 'server_clock_forward'], from: 1 },
  clockHours: { names: ['server_clock_hour'], from: 1 },
  killPoints: { names: KILL_FAULTS, from: 12 },
  deploys: { names: ['deploy'], from: 1 },
};
/** With so many for each fault of a kind, each of them must have happened. */
const EACH_FROM = 4;
/** On a busy machine, the load of a short run is over before its only deploy gets to the rollback. */
const DEPLOYS_FROM = 3;
/** So many incidents come from every source, in many requests. */
const ALL_SENDERS_FROM = 300;

/** As the ledger counts them. */
const LOAD = ['episodes of a sender that speaks once', 'malformed alerts'];

/** What a run was to have and never had: it proves nothing about that. */
export function notCovered(
  { rare, incidents }: { rare: FaultCounts; incidents: number },
  { counts }: Pick<Ledger, 'counts'>,
  { clicksWithTicket, releases }: { clicksWithTicket: number; releases: FinalState['releases'] },
): Violation[] {
  const missing = Object.entries(RARE).flatMap(([kind, { names, from }]) => {
    const wanted = rare[kind as keyof FaultCounts];
    const never = names.filter((name) => !counts.get(`fault: ${name}`));
    const atLeast = wanted >= EACH_FROM * names.length ? names.length : Number(wanted >= from);
    return names.length - never.length < atLeast ? [`never happened: ${never.join(', ')}`] : [];
  });
  const hasDeploys = rare.deploys >= DEPLOYS_FROM;
  const isLarge = incidents >= ALL_SENDERS_FROM;
  return [
    ...missing,
    ...(hasDeploys && releases.waits.length === 0 ? ['no event was left to a newer release'] : []),
    ...(hasDeploys && releases.newEffects === 0 ? ['no effect of a newer release was done'] : []),
    ...LOAD.filter((name) => isLarge && !counts.get(name)).map((name) => `there were no ${name}`),
    ...(clicksWithTicket === 0 ? ['no click on a degraded service was answered with a ticket'] : []),
  ].map((what) => violation('not_covered', what));
}
