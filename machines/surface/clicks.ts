import { instantOf } from '../shared/protocol.ts';
import type { Click, SurfaceContext } from './types.ts';

/** Clicks on Investigate, and the rounds in which they are served: one round files for all clicks at one status. Pure. */

type Change = Partial<SurfaceContext>;

/** Nothing is posted later than this after a click: the answer is due at 15 s, and has to stay true. */
const POST_WITHIN_MS = 14_000;

export const mayInvestigate = ({ status, maintenance }: SurfaceContext): boolean =>
  maintenance === null && (status === 'DEGRADED' || status === 'DOWN');

export const clickQueued = (
  { clicks, status, since }: SurfaceContext,
  click: { clickId: string; by: string },
): Change => ({
  clicks: [...clicks, { clickId: click.clickId, by: click.by, status, since, at: instantOf(click) }],
});

/** The status of the first click opens a round. */
export function roundStarted({ surfaceId, filings, clicks }: SurfaceContext): Change {
  const first = clicks[0];
  if (!first) return {};
  const { status, since, by, at } = first;
  const filingId = `investigate:${surfaceId}:${filings + 1}`;
  const deadlineAt = new Date(Date.parse(at) + POST_WITHIN_MS).toISOString();
  return { filings: filings + 1, round: { filingId, status, since, by, deadlineAt } };
}

/** The clicks that share the outcome of the round. */
export const clicksOfRound = ({ clicks, round }: SurfaceContext): Click[] =>
  clicks.filter(({ status }) => status === round?.status);

/** The round ends, and its clicks are answered. Clicks at another status open the next round. */
export const roundAnswered = ({ clicks, round }: SurfaceContext): Change => ({
  clicks: clicks.filter(({ status }) => status !== round?.status),
  round: null,
});

/** The round ends without a ticket. If its clicks were refused earlier, later ones open the next round. */
export const roundFailed = (context: SurfaceContext): Change =>
  context.round?.forsaken ? { round: null } : roundAnswered(context);

/** The filing to withdraw when this click is answered: that of the round, if no other click waits for it. */
export const abandonedFilings = (context: SurfaceContext, { clickId }: { clickId: string }): string[] =>
  clicksOfRound(context).every((click) => click.clickId === clickId) ? openFilings(context) : [];

export function clickRemoved(context: SurfaceContext, due: { clickId: string }): Change {
  const { clicks, round } = context;
  const others = clicks.filter(({ clickId }) => clickId !== due.clickId);
  return round && abandonedFilings(context, due).length > 0
    ? { clicks: others, round: { ...round, forsaken: true } }
    : { clicks: others };
}

/** The filing of the round, if any. */
export const openFilings = ({ round }: SurfaceContext): string[] => (round ? [round.filingId] : []);
