/** Tickets of two replays, or of a replay and of what was filed, compared. Pure. */

export interface ReplayedTicket {
  source: string;
  /** Null for the umbrella ticket of a storm. */
  alertKey: string | null;
  surfaceId: string | null;
  severity: string | null;
  title: string;
  /** When the episode began, and when the ticket was filed. */
  since: string;
  at: string;
  /** Composed in shadow mode, and not posted. */
  shadow: boolean;
}

export type Difference =
  | { kind: 'only_before' | 'only_after'; ticket: ReplayedTicket }
  | { kind: 'changed'; before: ReplayedTicket; after: ReplayedTicket };

/** The same problem may be confirmed this much earlier or later. */
const SAME_WITHIN_MS = 30 * 60_000;

/** In the order of time. */
export function compareTickets(before: readonly ReplayedTicket[], after: readonly ReplayedTicket[]): Difference[] {
  const left = [...after];
  const differences: Difference[] = [];
  for (const ticket of before) {
    const distances = left.map((other) => distance(ticket, other));
    const nearest = distances.indexOf(Math.min(...distances));
    const match =
      (distances[nearest] ?? Number.POSITIVE_INFINITY) <= SAME_WITHIN_MS ? left.splice(nearest, 1)[0] : undefined;
    if (!match) differences.push({ kind: 'only_before', ticket });
    else if (isOther(ticket, match)) differences.push({ kind: 'changed', before: ticket, after: match });
  }
  differences.push(...left.map((ticket) => ({ kind: 'only_after' as const, ticket })));
  return differences.toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)));
}

/** Infinite if they are about different things. An outage has another key when it is confirmed at another check. */
function distance(a: ReplayedTicket, b: ReplayedTicket): number {
  if (a.source !== b.source || aboutOf(a) !== aboutOf(b)) return Number.POSITIVE_INFINITY;
  return Math.abs(Date.parse(a.since) - Date.parse(b.since));
}

const OF_SURFACES = 'status_poller';
const aboutOf = ({ source, surfaceId, alertKey }: ReplayedTicket): string | null =>
  source === OF_SURFACES && surfaceId !== null ? surfaceId : alertKey;

const isOther = (a: ReplayedTicket, b: ReplayedTicket): boolean =>
  a.severity !== b.severity || a.title !== b.title || a.shadow !== b.shadow;

const timeOf = (difference: Difference): string =>
  difference.kind === 'changed' ? difference.before.at : difference.ticket.at;
