import type { Spread, WeekTickets } from '../../model/weekly.ts';

/** Figures of the tickets of a week. Pure. */

export interface FiledTicket {
  id: number;
  path: 'alert' | 'umbrella' | 'investigate';
  source: string | null;
  surface_id: string | null;
  /** Open now. */
  open: boolean;
  /** From the beginning of its alert; null if it had none, or was found. */
  seconds: number | null;
}

/** A ticket that several filings ended with is one. */
export function countTickets(filings: readonly FiledTicket[], mostRead: number): WeekTickets {
  const tickets = oncePerTicket(filings);
  const of = (path: FiledTicket['path']): number => tickets.filter((ticket) => ticket.path === path).length;
  return {
    filed: tickets.length,
    ...{ alert: of('alert'), umbrella: of('umbrella'), investigate: of('investigate') },
    still_open: tickets.filter(({ open }) => open).length,
    incomplete: filings.length >= mostRead,
  };
}

export const ticketsBy = (filings: readonly FiledTicket[], field: 'source' | 'surface_id', value: string): number =>
  oncePerTicket(filings).filter((ticket) => ticket[field] === value).length;

const oncePerTicket = (filings: readonly FiledTicket[]): FiledTicket[] => [
  ...new Map(filings.map((filing) => [filing.id, filing])).values(),
];

export function spreadOf(measured: readonly (number | null)[]): Spread {
  const seconds = measured.filter((each) => each !== null).toSorted((a, b) => a - b);
  return { count: seconds.length, median_seconds: quantile(seconds, 0.5), p90_seconds: quantile(seconds, 0.9) };
}

/** Between two values in proportion, as percentile_cont of Postgres. */
function quantile(sorted: readonly number[], share: number): number | null {
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) return null;
  return Math.round((low + (high - low) * (at - Math.floor(at))) * 10) / 10;
}
