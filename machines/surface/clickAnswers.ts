import type { ClickAnswer, FilingResult } from '../shared/protocol.ts';
import { clicksOfRound } from './clicks.ts';
import { ticketFacts } from './filing.ts';
import type { Click, SurfaceContext } from './types.ts';

/** Answers to clicks on Investigate. Each body is what the API returns. Pure. */

const SENTENCES = {
  freescout_unavailable: 'FreeScout does not answer. No ticket was filed and none will be; try again in a moment.',
  freescout_unauthorized:
    'FreeScout refuses our API key. No ticket was filed. Set FREESCOUT_API_KEY to the current key.',
  freescout_forbidden:
    'FreeScout answers that this is forbidden. No ticket was filed; check its host list and firewall.',
  mailbox_not_found:
    'The operations mailbox does not exist in FreeScout. No ticket was filed. Correct FREESCOUT_OPERATIONS_MAILBOX_ID.',
  tags_unavailable:
    'The Tags module of FreeScout is off. No ticket was filed, because it could not be tagged. Activate it under Manage, Modules.',
  not_configured: 'FreeScout is not configured here. No ticket was filed. The banner says which settings are missing.',
  outcome_unknown:
    'FreeScout was asked but its answer got lost. The console looks for the ticket and shows it here; nothing is filed twice.',
};

type Reason = keyof typeof SENTENCES;

/** By the problem of a filing. Any other problem is `freescout_unavailable`. */
const REASONS: Record<string, Reason> = {
  unauthorized: 'freescout_unauthorized',
  forbidden: 'freescout_forbidden',
  mailbox_not_found: 'mailbox_not_found',
  tags_unavailable: 'tags_unavailable',
  not_configured: 'not_configured',
};

export const reasonOf = (result: FilingResult): Reason => {
  if (result.outcome === 'doubt') return 'outcome_unknown';
  return (result.outcome === 'failed' ? REASONS[result.problem] : undefined) ?? 'freescout_unavailable';
};

const withoutTicket = ({ surfaceId }: SurfaceContext, { clickId, status }: Click, reason: Reason): ClickAnswer => ({
  clickId,
  body: { surface_id: surfaceId, status, degraded: true, reason, message: SENTENCES[reason] },
});

/** One answer for each click of the round. The first click created the ticket, if it is a new one. */
export const answerFiled = (context: SurfaceContext, result: FilingResult): ClickAnswer[] =>
  result.outcome !== 'filed'
    ? []
    : clicksOfRound(context).map(({ clickId, status }, n) => ({
        clickId,
        body: { ...ticketFacts(context, status, result, n), degraded: false },
      }));

/** Every click of the round gets the reason, unless its clicks were refused earlier. */
export const answerFailed = (context: SurfaceContext, reason: Reason): ClickAnswer[] =>
  context.round?.forsaken ? [] : clicksOfRound(context).map((click) => withoutTicket(context, click, reason));

/** All clicks, also those at another status: nothing is filed for this surface before the doubt is over. */
export const answerUnknown = (context: SurfaceContext): ClickAnswer[] =>
  context.clicks.map((click) => withoutTicket(context, click, 'outcome_unknown'));

/** The budget of one click is over. Nothing was posted for a click whose round has not begun. */
export const answerOverdue = (
  context: SurfaceContext,
  { clickId, attempted }: { clickId: string; attempted: boolean },
): ClickAnswer[] =>
  context.clicks
    .filter((click) => click.clickId === clickId)
    .map((click) => {
      const isUnknown = attempted && click.status === context.round?.status;
      return withoutTicket(context, click, isUnknown ? 'outcome_unknown' : 'freescout_unavailable');
    });

/** Answers at once: there is no outage to file for. */
export const answerNotDegraded = (
  { surfaceId, status, maintenance }: SurfaceContext,
  clickId: string,
): ClickAnswer[] => [
  {
    clickId,
    body: { refused: 'not_degraded', surface_id: surfaceId, status: maintenance ? 'MAINTENANCE' : status },
  },
];

/** Answers at once: an earlier round is in doubt. */
export const answerInDoubt = (context: SurfaceContext, clickId: string): ClickAnswer[] => {
  const { status, since } = context;
  return [withoutTicket(context, { clickId, status, since, by: '', at: '' }, 'outcome_unknown')];
};
