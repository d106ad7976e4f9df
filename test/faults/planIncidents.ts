import type { Severity } from '../../machines/shared/protocol.ts';
import type { Random } from './random.ts';

/** One alert of one sender, with all its episodes. */
export interface Incident {
  /** Counted over the whole run, and part of every title. */
  n: number;
  at: number;
  source: string;
  alertId: string;
  episodes: PlannedEpisode[];
}

/** One episode of an alert, from its first emission to its resolution. */
export interface PlannedEpisode {
  /** Milliseconds since the end of the episode before. */
  gapMs: number;
  severity: Severity;
  worse: { severity: Severity; afterMs: number } | null;
  /** Resolved when its ticket exists, resolved soon in any case, or left firing. */
  end: 'after_ticket' | 'soon' | 'open';
  lingerMs: number;
  /** The first emission is sent twice at the same moment, to two processes. */
  twice: boolean;
  /** How long after the end the first emission is sent again, as from a slow queue, followed by another resolution. */
  lateMs: number | null;
}

interface Options {
  first: number;
  count: number;
  ms: number;
  sources: readonly string[];
}

/** The last incidents begin early enough to meet faults. */
const LOAD_SHARE = 0.9;

export const planIncidents = (random: Random, { first, count, ms, sources }: Options): Incident[] =>
  Array.from({ length: count }, (_, index) => ({
    n: first + index,
    at: Math.round(((index + random.next()) / Math.max(1, count)) * ms * LOAD_SHARE),
    source: random.pick(sources),
    // The first 16 characters are the alert's key, which must be unique.
    alertId: `${(first + index).toString(16).padStart(6, '0')}${random.hex(26)}`,
    episodes: planEpisodes(random),
  }));

function planEpisodes(random: Random): PlannedEpisode[] {
  const count = Number(random.weighted({ 1: 70, 2: 22, 3: 8 }));
  return Array.from({ length: count }, (_, n) => {
    const severity = random.weighted<Severity>({ P1: 45, P2: 35, P3: 20 });
    const isLast = n === count - 1;
    const worse = severity !== 'P1' && random.chance(severity === 'P3' ? 0.6 : 0.3);
    return {
      gapMs: n === 0 ? 0 : Math.round(random.between(0, 4_000)),
      severity,
      worse: worse
        ? { severity: random.chance(0.6) ? 'P1' : 'P2', afterMs: Math.round(random.between(0, 6_000)) }
        : null,
      end: isLast && random.chance(0.15) ? 'open' : random.chance(0.8) ? 'after_ticket' : 'soon',
      lingerMs: Math.round(random.between(0, 6_000)),
      twice: random.chance(0.15),
      lateMs: random.chance(0.05) ? Math.round(random.between(50, 4_000)) : null,
    };
  });
}
