import type { Severity } from '../../machines/shared/protocol.ts';
import type { Random } from './random.ts';

/** One alert of one sender, from its first emission on. */
export interface Incident {
  /** Counted over the whole run; stands in every title. */
  n: number;
  at: number;
  source: string;
  alertId: string;
  episodes: PlannedEpisode[];
}

/** From one opening to its end. */
export interface PlannedEpisode {
  /** How long after the one before it ended, in milliseconds. */
  gapMs: number;
  severity: Severity;
  worse: { severity: Severity; afterMs: number } | null;
  /** Resolved once its ticket stands, resolved soon whatever comes, or left open. */
  end: 'after_ticket' | 'soon' | 'open';
  lingerMs: number;
  /** The opening is sent twice at the same moment, through two processes. */
  twice: boolean;
  /** The opening comes once more so long after the end, as from a queue that lagged; then the end is said again. */
  lateMs: number | null;
}

interface Options {
  first: number;
  count: number;
  ms: number;
  sources: readonly string[];
}

/** The last ones begin early enough to be struck by something. */
const LOAD_SHARE = 0.9;

export const planIncidents = (random: Random, { first, count, ms, sources }: Options): Incident[] =>
  Array.from({ length: count }, (_, index) => ({
    n: first + index,
    at: Math.round(((index + random.next()) / Math.max(1, count)) * ms * LOAD_SHARE),
    source: random.pick(sources),
    // The first 16 characters are the alert's key, and must not meet by chance.
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
