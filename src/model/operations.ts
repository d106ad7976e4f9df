/** Audit rows, flags, the reconciler, and pages of lists. */

export interface PageOf<T> {
  rows: T[];
  next_cursor: string | null;
}

/** No index finds alerts and actors by a text or another filter, so a page of a search looks through so many at most. */
export const SEARCHED_ROWS = 5_000;

/** Of a search, `next_cursor` may lead on although this page is not full. */
export interface SearchedPage<T> extends PageOf<T> {
  /** How far back this page of a search has looked. Alerts and actors: only where `SEARCHED_ROWS` ended the page. */
  searched_since?: string | undefined;
}

export interface AuditRow {
  id: string;
  /** UTC with milliseconds, as all times in answers. */
  created_at: string;
  action: string;
  payload: unknown;
  actor: string;
}

/** No index finds a text, so a page of a search looks through the rows of so many days at most. */
export const SEARCHED_DAYS = 31;

/** Each page of a search for a text has `searched_since`. */
export type AuditPage = SearchedPage<AuditRow>;

export interface FlagState {
  name: string;
  enabled: boolean;
  forced_off: boolean;
  changed_at: string | null;
  changed_by: string | null;
}

/** A warning at the top of pages: what is wrong, what to do, and where. */
export interface Banner {
  text: string;
  advice: string;
  /** A path of the console, or the address of another system. */
  link: { href: string; label: string } | null;
  /** Sections of the console whose pages show it; null for all pages. */
  sections: readonly string[] | null;
}

/** Discrepancies that the reconciler found between our rows and the help desk. */
export interface Reconciliation {
  /** Null before the first run has ended. `desk`: looked, cut_short, failing, failed or not_configured. */
  last_run: { at: string; took_ms: number; desk: string; did: Record<string, number> } | null;
  /** Needs a person: duplicate tickets (`twin`), parked actors (`parked`). */
  standing: { kind: string; details: Record<string, unknown>; found_at: string }[];
  /** Recently repaired or reported, newest first. */
  recent: { at: string; what: string; details: Record<string, unknown> }[];
}
