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
  processFaults: ProcessFault[];
  /** When FreeScout accepts nothing. */
  outages: Span[];
  /** When the flag for tickets of alerts is off. */
  flagOff: Span[];
  clicks: Clicks[];
  surfaceChanges: SurfaceChange[];
  ticketEdits: TicketEdit[];
}

export interface Span {
  from: number;
  until: number;
}

export const PROCESS_FAULTS = [
  'kill',
  'term',
  'pause',
  'clock',
  'database_kill',
  'database_quit',
  'connections_cut',
] as const;
/** A fault of a process, or of the database and its connections. */
export interface ProcessFault {
  at: number;
  what: (typeof PROCESS_FAULTS)[number];
  /** Which process, counted from 0; the next one when that is down already. */
  on: number;
  /** How long a process is paused. */
  ms: number;
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
}

/** Long enough for several outages. The recovery is measured after each round. */
const ROUND_S = 600;
/** A process that is paused for longer could send a request after the others have concluded that it was never sent. */
const LONGEST_PAUSE_MS = 2_500;

export function makePlan(options: PlanOptions): Plan {
  const { seed, seconds, incidents } = options;
  const count = Math.max(1, Math.round(seconds / ROUND_S));
  const ms = Math.round((seconds * 1000) / count);
  const share = (n: number) => Math.floor(((n + 1) * incidents) / count) - Math.floor((n * incidents) / count);
  let first = 1;
  const rounds = Array.from({ length: count }, (_, n) => {
    const random = (what: string) => createRandom(`${seed} round ${n} ${what}`);
    const mine = planIncidents(random('incidents'), { first, count: share(n), ms, sources: options.sources });
    first += mine.length;
    return {
      ms,
      incidents: mine,
      processFaults: planProcessFaults(random('strikes'), ms, options.processes),
      outages: planSpans(random('outages'), ms, { everyMs: 100_000, lastsMs: [6_000, 11_000] }),
      flagOff: planSpans(random('flag'), ms, { everyMs: 50_000, lastsMs: [2_000, 9_000] }),
      clicks: planClicks(random('clicks'), ms, options.surfaces),
      surfaceChanges: planSurfaceChanges(random('services'), ms, options.surfaces),
      ticketEdits: planTicketEdits(random('acts'), ms, Math.ceil(mine.length * 0.6)),
    };
  });
  return { seed, rounds };
}

/** Random moments, on average `everyMs` apart. */
function moments(random: Random, ms: number, everyMs: number): number[] {
  const at: number[] = [];
  for (let next = random.between(0.3, 1) * everyMs; next < ms; next += random.between(0.4, 1.6) * everyMs)
    at.push(Math.round(next));
  return at;
}

const PROCESS_WEIGHTS = { kill: 70, term: 9, pause: 12, clock: 9 } as const;
const DATABASE_WEIGHTS = { database_kill: 30, database_quit: 30, connections_cut: 40 } as const;

function planProcessFaults(random: Random, ms: number, processes: number): ProcessFault[] {
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
  return [...onProcesses, ...onDatabase].sort((a, b) => a.at - b.at);
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

const planSurfaceChanges = (random: Random, ms: number, surfaces: number): SurfaceChange[] =>
  moments(random, ms, 2_500).map((at) => ({
    at,
    surface: random.whole(0, surfaces - 1),
    state: random.weighted({ healthy: 30, down: 45, busy: 25 }),
  }));

const EDIT_WEIGHTS = { close: 40, tag: 22, rename: 12, strip: 4, trash: 7, move: 7, merge: 4, delete: 4 } as const;

const planTicketEdits = (random: Random, ms: number, count: number): TicketEdit[] =>
  moments(random, ms, ms / Math.max(1, count)).map((at) => ({
    at,
    what: random.weighted(EDIT_WEIGHTS),
    freshAfterMs: random.chance(0.4) ? Math.round(random.between(0, 400)) : null,
    which: random.next(),
  }));
