import type { FilingRequest } from '../../../machines/shared/protocol.ts';
import { type Admission, isRefused, type Refusal } from '../../tickets/admission.ts';
import type { Filing } from '../../tickets/filingStore.ts';
import type { InShadow } from './state.ts';

/**
 * Refuses in shadow mode what would be posted otherwise. The alert is then held back like any suppressed one, so it is filed
 * once shadow mode ends while it is active. A click is a person's own act and is never in shadow mode.
 */
export function withShadow(
  admit: Admission,
  { shadowNow, record }: { shadowNow: () => Promise<InShadow>; record: (filings: readonly Filing[]) => Promise<void> },
): Admission {
  return async (filings, terms) => {
    const inShadow = await shadowNow();
    const shadowed = filings.filter(({ request }) => inShadow(...placeOf(request)));
    if (shadowed.length === 0) return admit(filings, terms);
    const live = filings.filter((filing) => !shadowed.includes(filing));
    const verdicts = new Map<Filing, Refusal | null>();
    const posted = await admit(live, { ...terms, refused: shadowed.map(({ id }) => id) });
    live.forEach((filing, n) => void verdicts.set(filing, posted[n] ?? null));
    // They take no slots from tickets that are posted. Whether the help desk fails does not matter.
    const composed = await admit(shadowed, { ...terms, posts: false });
    shadowed.forEach((filing, n) => void verdicts.set(filing, refusalOf(composed[n])));
    const isComposed = (_: Filing, n: number) => !isRefused(composed[n]);
    await record(shadowed.filter(isComposed));
    return filings.map((filing) => verdicts.get(filing) ?? null);
  };
}

const refusalOf = (verdict: Refusal | null | undefined): Refusal =>
  isRefused(verdict) ? verdict : { refused: 'shadow' };

function placeOf(request: FilingRequest): [source: string | null, surfaceId: string | null] {
  if (request.path === 'investigate') return [null, null];
  return [request.source, request.path === 'alert' ? request.surfaceId : null];
}
