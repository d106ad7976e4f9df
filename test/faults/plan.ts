import { type FaultCounts, moments, type PlannedFault, planProcessFaults, planRareFaults } from './planFaults.ts';
import { type Incident, planIncidents } from './planIncidents.ts';
import { createRandom, type Random } from './random.ts';

/** Everything that a run will do, drawn from its seed before it begins. Times are in milliseconds from the start of the round. */
export interface Plan {
  seed: number;
  rounds: Round[];
}

/** A period of faults, after which the program must become idle. */
export interface Round {
  ms: number;
  incidents: Incident[];
  faults: PlannedFault[];
  /** When FreeScout accepts nothing. */
  outages: Span[];
  /** When the flag for tickets of alerts is off. */
  flagOff: Span[];
  clicks: Clicks[];
  surfaceChanges: SurfaceChange[];
  ticketEdits: TicketEdit[];
  /** When a message is put into the queue twice, and how much later it comes the second time. */
  repeats: { at: number; lateMs: number }[];
}

export interface Span {
  from: number;
  until: number;
}

/** Clicks on Investigate at one moment. */
export interface Clicks {
  at: number;
  surface: number;
  times: number;
}

/** A watched service changes its state. */
export interface SurfaceChange {
  at: number;
  surface: number;
  state: 'healthy' | 'down' | 'busy';
}

export const TICKET_EDITS = ['close', 'tag', 'rename', 'strip', 'trash', 'move', 'merge', 'delete'] as const;
/** What a person does to a ticket in FreeScout. */
export interface TicketEdit {
  at: number;
  what: (typeof TICKET_EDITS)[number];
  /** How long after the next ticket's creation it is edited. Null: one of the latest tickets is edited, chosen by `which` from 0 to 1. */
  freshAfterMs: number | null;
  which: number;
}

export interface PlanOptions {
  seed: number;
  incidents: number;
  /** Duration of the faults, over all rounds. */
  seconds: number;
  processes: number;
  surfaces: number;
  sources: readonly string[];
  /** The rare faults, over all rounds. */
  rare: FaultCounts;
}

/** Long enough for several outages. The recovery is measured after each round. */
const ROUND_S = 600;

export function makePlan(options: PlanOptions): Plan {
  const { seed, seconds, incidents, rare } = options;
  const count = Math.max(1, Math.round(seconds / ROUND_S));
  const ms = Math.round((seconds * 1000) / count);
  const share = (n: number, of: number) => Math.floor(((n + 1) * of) / count) - Math.floor((n * of) / count);
  let first = 1;
  const rounds = Array.from({ length: count }, (_, n) => {
    const random = (what: string) => createRandom(`${seed} round ${n} ${what}`);
    const mine = planIncidents(random('incidents'), {
      first,
      count: share(n, incidents),
      ms,
      sources: options.sources,
    });
    first += mine.length;
    return {
      ms,
      incidents: mine,
      faults: [
        ...planProcessFaults(random('strikes'), ms, options.processes),
        ...planRareFaults(random, ms, options.processes, {
          silentLinks: share(n, rare.silentLinks),
          lostHosts: share(n, rare.lostHosts),
          longPauses: share(n, rare.longPauses),
          failovers: share(n, rare.failovers),
          nameFaults: share(n, rare.nameFaults),
          clockSteps: share(n, rare.clockSteps),
          clockHours: share(n, rare.clockHours),
          killPoints: share(n, rare.killPoints),
          deploys: share(n, rare.deploys),
        }),
      ].sort((a, b) => a.at - b.at),
      outages: planSpans(random('outages'), ms, { everyMs: 100_000, lastsMs: [6_000, 11_000] }),
      flagOff: planSpans(random('flag'), ms, { everyMs: 50_000, lastsMs: [2_000, 9_000] }),
      clicks: planClicks(random('clicks'), ms, options.surfaces),
      surfaceChanges: planSurfaceChanges(random('services'), ms, options.surfaces),
      ticketEdits: planTicketEdits(random('acts'), ms, Math.ceil(mine.length * 0.6)),
      repeats: planRepeats(random('repeats'), ms),
    };
  });
  return { seed, rounds };
}

function planSpans(
  random: Random,
  ms: number,
  { everyMs, lastsMs: [least, most] }: { everyMs: number; lastsMs: [number, number] },
): Span[] {
  let free = 0;
  return moments(random, ms, everyMs).flatMap((at) => {
    const from = Math.max(at, free);
    const until = Math.round(from + random.between(least, most));
    free = until + most;
    return until < ms ? [{ from, until }] : [];
  });
}

const planClicks = (random: Random, ms: number, surfaces: number): Clicks[] =>
  moments(random, ms, 2_500).map((at) => ({
    at,
    surface: random.whole(0, surfaces - 1),
    times: random.chance(0.3) ? random.whole(2, 8) : 1,
  }));

/** Two services fail at the start, so that operators of a short run find something to click on. */
const planSurfaceChanges = (random: Random, ms: number, surfaces: number): SurfaceChange[] => [
  { at: 0, surface: random.whole(0, surfaces - 1), state: 'down' },
  { at: 0, surface: random.whole(0, surfaces - 1), state: 'down' },
  ...moments(random, ms, 2_500).map((at) => ({
    at,
    surface: random.whole(0, surfaces - 1),
    state: random.weighted<SurfaceChange['state']>({ healthy: 30, down: 45, busy: 25 }),
  })),
];

/** Others come between the first and the second time. */
const planRepeats = (random: Random, ms: number): Round['repeats'] =>
  moments(random, ms, 3_000).map((at) => ({ at, lateMs: random.between(3_000, 8_000) }));

const EDIT_WEIGHTS = { close: 40, tag: 22, rename: 12, strip: 4, trash: 7, move: 7, merge: 4, delete: 4 } as const;

const planTicketEdits = (random: Random, ms: number, count: number): TicketEdit[] =>
  moments(random, ms, ms / Math.max(1, count)).map((at) => ({
    at,
    what: random.weighted(EDIT_WEIGHTS),
    freshAfterMs: random.chance(0.4) ? Math.round(random.between(0, 400)) : null,
    which: random.next(),
  }));
