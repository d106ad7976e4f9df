import type { Random } from './random.ts';

/** Faults of processes, of the database, and of the network between them. */
export interface PlannedFault {
  at: number;
  what: FaultName;
  /** Which process, counted from 0; the next one when that is down already. */
  on: number;
  /** How long a pause or a break of the network lasts. */
  ms: number;
}

export const LINK_FAULTS = [
  'link_silent', // nothing passes between a process and the database, and no connection closes
  'link_silent_to_database', // requests of a process get lost
  'link_silent_from_database', // the database does what it is asked, and its answers get lost
  'link_closed_at_database', // only the database sees its side of the connections close
  'link_closed_at_process', // only the process sees its side of the connections close
] as const;
export type LinkFault = (typeof LINK_FAULTS)[number];

/** What the name server does about the name of FreeScout or of Slack. */
export const NAME_FAULTS = [
  'name_silent',
  'name_failing',
  'name_late',
  'name_wrong', // the address of somebody else's web site
  'name_half_silent', // no answer about IPv6
  'name_first_address_dead', // two addresses, and nobody at the first
  'name_ipv4_dead', // nobody at the IPv4 address, the server at the IPv6 address
] as const;
export type NameFault = (typeof NAME_FAULTS)[number];

/** A worker is killed at this step of an effect or of a webhook request, see `killPoints.ts`. */
export const KILL_FAULTS = [
  'kill_after_claim',
  'kill_after_decision',
  'kill_after_attempt',
  'kill_after_call',
  'kill_after_result',
  'kill_after_webhook',
] as const;
export type KillFault = (typeof KILL_FAULTS)[number];

export type FaultName =
  | 'kill'
  | 'term'
  | 'pause'
  | 'clock'
  | 'database_kill'
  | 'database_quit'
  | 'connections_cut'
  | LinkFault
  | NameFault
  | KillFault
  | 'server_clock_back' // the clock of the database is set
  | 'server_clock_forward'
  | 'server_clock_hour' // it is set forward by an hour
  | 'host_lost' // a process ends, and no connection of its host closes
  | 'pause_in_transaction' // for longer than the database lets a transaction wait
  | 'deploy' // a later release comes to some processes, is rolled back, and comes to all
  | 'failover' // the primary ends, the standby takes over, and connections to the primary close
  | 'failover_silent'; // the same, and connections to the primary fall silent

/** How many of the rare faults a run has. */
export interface FaultCounts {
  silentLinks: number;
  lostHosts: number;
  longPauses: number;
  failovers: number;
  nameFaults: number;
  clockSteps: number;
  clockHours: number;
  killPoints: number;
  deploys: number;
}

/** So that the clock is off by less than the two minutes by which Slack's may differ from it; hours are apart. */
const MAX_CLOCK_STEPS = 6;

/** A short run has one of each except for the failover, which needs a second server, and the deploy, which restarts all. */
export const usualCounts = (seconds: number): FaultCounts => ({
  silentLinks: Math.max(2, Math.round(seconds / 20)),
  lostHosts: Math.max(1, Math.round(seconds / 60)),
  longPauses: Math.max(1, Math.round(seconds / 60)),
  failovers: Math.round(seconds / 60),
  nameFaults: Math.max(3, Math.round(seconds / 15)),
  clockSteps: Math.max(1, Math.min(MAX_CLOCK_STEPS, Math.round(seconds / 40))),
  clockHours: 0,
  killPoints: Math.max(6, Math.round(seconds / 12)),
  deploys: Math.round(seconds / 150),
});

/** A process that is paused for longer loses its jobs, which the rare faults cover. */
const LONGEST_PAUSE_MS = 2_500;
const PROCESS_WEIGHTS = { kill: 70, term: 9, pause: 12, clock: 9 } as const;
const DATABASE_WEIGHTS = { database_kill: 30, database_quit: 30, connections_cut: 40 } as const;

/** Random moments, on average `everyMs` apart. */
export function moments(random: Random, ms: number, everyMs: number): number[] {
  const at: number[] = [];
  for (let next = random.between(0.3, 1) * everyMs; next < ms; next += random.between(0.4, 1.6) * everyMs)
    at.push(Math.round(next));
  return at;
}

export function planProcessFaults(random: Random, ms: number, processes: number): PlannedFault[] {
  const onProcesses = moments(random, ms, 4_000).map((at) => ({
    at,
    what: random.weighted(PROCESS_WEIGHTS),
    on: random.whole(0, processes - 1),
    ms: Math.round(random.between(200, LONGEST_PAUSE_MS)),
  }));
  const onDatabase = moments(random, ms, 35_000).map((at) => ({
    at,
    what: random.weighted(DATABASE_WEIGHTS),
    on: 0,
    ms: 0,
  }));
  return [...onProcesses, ...onDatabase];
}

/** Shorter and longer than the program's own limits, so that it sometimes notices and sometimes does not. */
const LINK_MS = [2_000, 9_000] as const;
/** The database ends a transaction that waits for 10 s. */
const LONG_PAUSE_MS = [11_000, 13_000] as const;
/** Longer than an answer is kept. */
const NAME_MS = [3_000, 8_000] as const;
/** How long two releases run side by side, and how long the older one then runs alone. */
const DEPLOY_MS = [2_000, 5_000] as const;
/** How far the clock of the database is set. */
const STEP_MS = { back: [15_000, 30_000], forward: [1_000, 4_000], hour: [3_600_000, 3_600_000] } as const;

/** The rare faults begin early enough to be over soon after the round. */
const EARLY_SHARE = 0.6;

export function planRareFaults(
  random: (what: string) => Random,
  ms: number,
  processes: number,
  counts: FaultCounts,
): PlannedFault[] {
  const { silentLinks, lostHosts, longPauses, failovers, nameFaults } = counts;
  const { clockSteps, clockHours, killPoints, deploys } = counts;
  const spread = (
    purpose: string,
    count: number,
    names: readonly FaultName[],
    [least, most]: readonly [number, number],
  ) => {
    const draw = random(purpose);
    const first = draw.whole(0, names.length - 1);
    return Array.from({ length: count }, (_, n) => ({
      at: Math.round(((n + draw.between(0.1, 0.9)) / count) * ms * EARLY_SHARE),
      // Each kind in turn, so that few faults are of many kinds.
      what: names[(first + n) % names.length] as FaultName,
      on: draw.whole(0, processes - 1),
      ms: Math.round(draw.between(least, most)),
    }));
  };
  return [
    ...spread('links', silentLinks, LINK_FAULTS, LINK_MS),
    ...spread('hosts', lostHosts, ['host_lost'], [0, 0]),
    ...spread('transactions', longPauses, ['pause_in_transaction'], LONG_PAUSE_MS),
    ...spread('failovers', failovers, ['failover', 'failover_silent'], [0, 0]),
    ...spread('kill points', killPoints, KILL_FAULTS, [0, 0]),
    ...spread('deploys', deploys, ['deploy'], DEPLOY_MS),
    ...spread('names', nameFaults, NAME_FAULTS, NAME_MS),
    ...spread('clock back', Math.ceil(clockSteps / 2), ['server_clock_back'], STEP_MS.back),
    ...spread('clock forward', Math.floor(clockSteps / 2), ['server_clock_forward'], STEP_MS.forward),
    ...spread('clock hours', clockHours, ['server_clock_hour'], STEP_MS.hour),
  ];
}
