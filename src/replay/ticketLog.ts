import type { FilingIntent, FilingRequest } from '../../machines/shared/protocol.ts';
import { createAdmission } from '../alerts/admission.ts';
import { POLLER_SOURCE } from '../alerts/emission.ts';
import { withShadow } from '../alerts/shadow/admission.ts';
import type { InShadow } from '../alerts/shadow/state.ts';
import type { StormLimits } from '../alerts/stormSlots.ts';
import type { SuppressionState } from '../alerts/suppression.ts';
import type { Filing } from '../tickets/filingStore.ts';
import type { VirtualClock } from './clock.ts';
import type { ReplayedTicket } from './tickets.ts';

/** The tickets that a replay files: the decision right before each POST is that of production. */
export function createTicketLog(deps: {
  clock: VirtualClock;
  suppressionNow: () => SuppressionState;
  inShadow: InShadow;
  isSilent: (source: string, alertKey: string) => boolean;
  stormLimits: (source: string) => StormLimits;
}) {
  const { clock, suppressionNow, inShadow, isSilent, stormLimits } = deps;
  const requests = new Map<string, FilingRequest>();
  const slots: { source: string; at: number }[] = [];
  const tickets: ReplayedTicket[] = [];

  /** Takes slots of the storm window for as many of these filings as there are, as the database does. */
  function takeSlots(source: string, filingIds: readonly string[]): Set<string> {
    const { maxTickets, maxTicketsTotal, windowMinutes } = stormLimits(source);
    const recent = slots.filter(({ at }) => at > clock.now() - windowMinutes * 60_000);
    const ofSource = recent.filter((slot) => slot.source === source).length;
    const free = Math.min(
      maxTickets - ofSource,
      maxTicketsTotal > 0 ? maxTicketsTotal - recent.length : Number.POSITIVE_INFINITY,
    );
    const admitted = filingIds.slice(0, Math.max(free, 0));
    slots.splice(0, slots.length, ...recent, ...admitted.map(() => ({ source, at: clock.now() })));
    return new Set(admitted);
  }

  const isSilentAlert = (alertKey: string): boolean => {
    const source = alertKey.slice(0, alertKey.indexOf(':'));
    return source !== POLLER_SOURCE && isSilent(source, alertKey);
  };

  const admit = createAdmission({
    facts: async (alertKeys) => ({
      ...{ autoTicket: true, helpdeskFails: false, silences: [], suspect: new Set() },
      silent: new Set(alertKeys.filter(isSilentAlert)),
    }),
    suppressionNow: async () => suppressionNow(),
    takeSlots: async (source, filingIds) => ({ taken: takeSlots(source, filingIds), held: new Set() }),
  });
  const admission = withShadow(admit, {
    shadowNow: async () => inShadow,
    record: async (filings) => {
      for (const { request } of filings) log(request, true);
    },
  });

  function log(request: FilingRequest, shadow: boolean): number {
    if (request.path === 'investigate') return 0;
    const { source, since } = request;
    const about =
      request.path === 'alert'
        ? { alertKey: request.alertKey, surfaceId: request.surfaceId, severity: request.severity, title: request.title }
        : { alertKey: null, surfaceId: null, severity: null, title: `many alerts from ${source}` };
    const at = new Date(clock.now()).toISOString();
    const repeated = tickets.find(
      (each) => each.alertKey === about.alertKey && each.source === source && each.since === since,
    );
    const ticket = { source, ...about, since: since || at, at, shadow };
    if (repeated?.shadow) Object.assign(repeated, ticket);
    else tickets.push(ticket);
    return tickets.length;
  }

  return {
    tickets: tickets as readonly ReplayedTicket[],
    intended: ({ filingId, request }: FilingIntent) => void requests.set(filingId, request),
    async file({ filingId, probe }: { filingId: string; probe: boolean }) {
      const request = requests.get(filingId);
      if (!request) throw new Error(`there is no filing ${filingId}`);
      const [verdict] = await admission([filingOf(filingId, request, clock.now())], { probe, posts: true });
      if (verdict && 'refused' in verdict) return { outcome: 'refused', reason: verdict.refused };
      if (verdict)
        return { outcome: 'failed', problem: 'failed' in verdict ? verdict.failed : 'unavailable', own: false };
      const ticket = { id: log(request, false), url: '' };
      return { outcome: 'filed', ticket, created: true, tagged: true, whileFailing: false };
    },
  };
}

const filingOf = (id: string, request: FilingRequest, now: number): Filing => ({
  ...{ id, request, path: request.path, marker: '', phase: 'planned', withdrawn: false, attempts: 0, adopted: false },
  ...{ ticketId: null, ticketUrl: null, sinceAttemptMs: null, refusal: null, leftMs: null },
  source: 'source' in request ? request.source : null,
  createdAt: new Date(now),
});
