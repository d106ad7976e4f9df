import { groupBy } from '../../../src/lib/groupBy.ts';
import type { Move } from '../finalState.ts';
import { type Violation, violation } from './verdict.ts';

export interface FlappingCounts {
  /** Outages of watched services that raised an alert. */
  outages: number;
  /** Those that continued the alert, and so the ticket, of the outage before. */
  continued: number;
}

/** The defaults of FLAP_MAX_OUTAGES and FLAP_OUTAGE_WINDOW_MINUTES; a service recovers once it was up for half of those. */
const MAX_OUTAGES = 3;
const WINDOW_MS = 3_600_000;
const HOLD_MS = WINDOW_MS / 2;
/** A surface decides a moment before its alert learns of that, and the clock may be set in between. */
const TOLERANCE_MS = 60_000;

interface Service {
  /** When its last outages began. */
  starts: number[];
  /** Of its last outage. */
  key: string;
  isUp: boolean;
  upSince: number;
  isFlapping: boolean;
}

/**
 * Checks that an outage continues the alert of the one before exactly while its service is flapping. All instants are those
 * of the database's clock, by which the program decides.
 */
export function checkFlapping(moves: readonly Move[]): { violations: Violation[]; counts: FlappingCounts } {
  const violations: Violation[] = [];
  const counts: FlappingCounts = { outages: 0, continued: 0 };
  for (const [id, own] of groupBy(movesOfServices(moves), ({ surfaceId }) => surfaceId)) {
    const service: Service = { starts: [], key: '', isUp: true, upSince: Number.NaN, isFlapping: false };
    const complain = (what: string) => violations.push(violation('wrong_flapping', `${id}: ${what}`));
    for (const move of own) {
      if (move.type === 'RESOLVED') endOutage(service, move);
      else if (move.type === 'QUIET') checkQuiet(service, move, complain);
      else if (service.isUp || service.key !== move.key) beginOutage(service, move, { counts, complain });
    }
  }
  return { violations, counts };
}

/** Only the emissions name the service. */
function movesOfServices(moves: readonly Move[]): (Move & { surfaceId: string })[] {
  const checks = moves.filter(({ key }) => key.startsWith('status_poller:'));
  const services = new Map(checks.flatMap(({ key, surfaceId }) => (surfaceId === null ? [] : [[key, surfaceId]])));
  return checks.map((move) => ({ ...move, surfaceId: services.get(move.key) ?? '' }));
}

function endOutage(service: Service, { key, clock }: Move): void {
  // The alert of an earlier outage may learn of its end after the next one has begun.
  if (key === service.key) Object.assign(service, { isUp: true, upSince: clock });
}

function beginOutage(
  service: Service,
  { key, clock, flapping }: Move,
  { counts, complain }: { counts: FlappingCounts; complain: (what: string) => void },
): void {
  const upMs = service.isUp ? clock - service.upSince : Number.NaN;
  const continues = key === service.key;
  counts.outages += 1;
  if (continues) {
    counts.continued += 1;
    if (!service.isFlapping) complain(`${key} was continued by an outage, although the service was not flapping`);
    if (upMs > HOLD_MS + TOLERANCE_MS) complain(`${key} was continued after ${seconds(upMs)} s without an outage`);
  } else if (service.isFlapping && upMs < HOLD_MS - TOLERANCE_MS) {
    complain(`${key} is a new alert after ${seconds(upMs)} s, although the service was flapping`);
  }
  service.starts = [...service.starts, clock].slice(-MAX_OUTAGES);
  const [first = clock] = service.starts;
  const isFull = service.starts.length === MAX_OUTAGES;
  if (flapping && (!isFull || clock - first > WINDOW_MS + TOLERANCE_MS))
    complain(`${key} says that the service is flapping, after ${service.starts.length} outages`);
  if (!flapping && isFull && clock - first < WINDOW_MS - TOLERANCE_MS)
    complain(`${key} does not say that the service is flapping, after ${MAX_OUTAGES} outages`);
  Object.assign(service, { key, isUp: false, upSince: Number.NaN, isFlapping: flapping });
}

function checkQuiet(service: Service, { key, clock }: Move, complain: (what: string) => void): void {
  if (key !== service.key) return;
  if (!service.isUp) complain(`${key} ended during an outage`);
  else if (clock - service.upSince < HOLD_MS - TOLERANCE_MS)
    complain(`${key} ended ${seconds(clock - service.upSince)} s after its outage, although the service was flapping`);
}

const seconds = (ms: number): number => Math.round(ms / 1_000);
