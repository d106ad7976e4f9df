import type { RefusalReason } from '../../machines/shared/protocol.ts';
import type { Filing } from './filingStore.ts';

/**
 * Decides right before each POST; null admits the filing of the same index. Filings that post nothing take no slots of
 * the storm window. `refused`: other filings that were refused just now, and leave their slots to these.
 */
export type Admission = (
  filings: readonly Filing[],
  terms: { probe: boolean; posts: boolean; refused?: readonly string[] },
) => Promise<readonly (Refusal | null)[]>;

/** `later`: another transaction holds the filing, so nothing is decided about it now. */
export type Refusal = { refused: RefusalReason } | { failed: string } | { later: true };

export const isRefused = (verdict: Refusal | null | undefined): verdict is Extract<Refusal, { refused: unknown }> =>
  verdict !== null && verdict !== undefined && 'refused' in verdict;
