import type { Pool } from 'pg';
import { alertSql, IS_ACTIVE, isOnUmbrella } from '../actors/projections/alert.ts';
import { type Admission, isRefused, type Refusal } from '../tickets/admission.ts';
import type { Filing } from '../tickets/filingStore.ts';
import type { AdmissionFacts } from './admissionFacts.ts';
import { silenceOf, subjectOfRequest } from './silences/matching.ts';
import type { StormSlots } from './stormSlots.ts';
import type { SuppressionState } from './suppression.ts';

interface SlotTerms {
  probe: boolean;
  refused: readonly string[];
}

/**
 * Decides right before each POST whether tickets may be filed, from the database at that moment. It takes the same few
 * statements for one filing as for many: the facts, what suppresses, and the slots of each source.
 */
export function createAdmission(deps: {
  facts: (alertKeys: readonly string[]) => Promise<AdmissionFacts>;
  /** What else suppresses tickets at this moment. */
  suppressionNow: () => Promise<SuppressionState>;
  /**
   * Takes slots of the storm window of a source for these filings. A probe does not wait for those that precede it, and
   * those that are `refused` precede none.
   */
  takeSlots: (source: string, filingIds: readonly string[], terms: SlotTerms) => Promise<StormSlots>;
}): Admission {
  return async (filings, { probe, posts, refused = [] }) => {
    // A click is always tried: silences, flag, suppression and storm limits apply to alerts only.
    if (filings.every(({ path }) => path === 'investigate')) return filings.map(() => null);
    const keys = filings.flatMap(({ request }) => (request.path === 'alert' ? [request.alertKey] : []));
    const [facts, suppression] = await Promise.all([deps.facts(keys), deps.suppressionNow()]);
    const verdicts = filings.map((filing) => judge(filing, { facts, suppression, probe }));
    if (!posts) return verdicts;
    const needSlot = filings.filter((filing, n) => verdicts[n] === null && filing.request.path === 'alert');
    const alsoRefused = filings.filter((_, n) => isRefused(verdicts[n])).map(({ id }) => id);
    const refusals = await takeAllSlots(needSlot, { probe, refused: [...refused, ...alsoRefused] });
    return filings.map((filing, n) => refusals.get(filing.id) ?? verdicts[n] ?? null);
  };

  /** The refusals of those that get no slot. */
  async function takeAllSlots(filings: readonly Filing[], terms: SlotTerms): Promise<Map<string, Refusal>> {
    const refusals = new Map<string, Refusal>();
    for (const [source, ids] of idsBySource(filings)) {
      const { taken, held } = await deps.takeSlots(source, ids, terms);
      for (const id of ids) {
        if (held.has(id)) refusals.set(id, { later: true });
        else if (!taken.has(id)) refusals.set(id, { refused: 'storm' });
      }
    }
    return refusals;
  }
}

function judge(
  { request }: Filing,
  { facts, suppression, probe }: { facts: AdmissionFacts; suppression: SuppressionState; probe: boolean },
): Refusal | null {
  if (request.path === 'investigate') return null;
  const subject = subjectOfRequest(request);
  if (subject && silenceOf(facts.silences, subject)) return { refused: 'silenced' };
  if (!facts.autoTicket) return { refused: 'flag_off' };
  // An umbrella ticket is about many surfaces, so the trouble of one of them does not suppress it.
  const { held } = suppression.of(request.source, request.path === 'alert' ? request.surfaceId : null);
  if (held) return { refused: held };
  if (request.path === 'alert' && facts.silent.has(request.alertKey)) return { refused: 'silent' };
  if (request.path === 'alert' && facts.suspect.has(request.alertKey)) return { refused: 'unstable_id' };
  return !probe && facts.helpdeskFails ? { failed: 'held' } : null;
}

function idsBySource(filings: readonly Filing[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { id, request } of filings) {
    if (request.path === 'alert') ids.set(request.source, [...(ids.get(request.source) ?? []), id]);
  }
  return ids;
}

/** Counts the active alerts of a source that are on an umbrella ticket. */
export async function countOnUmbrella(pool: Pool, source: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from actors a
     where kind = 'alert' and ${IS_ACTIVE}
       and ${alertSql.text('source')} = $1 and ${isOnUmbrella()}`,
    [source],
  );
  return rows[0]?.n ?? 0;
}
