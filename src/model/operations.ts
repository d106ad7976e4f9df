/** What the house says of itself: audit rows, flags, the reconciler, and lists that come in pages. */

export interface PageOf<T> {
  rows: T[];
  next_cursor: string | null;
}

export interface AuditRow {
  id: string;
  created_at: string;
  action: string;
  payload: unknown;
  actor: string;
}

export interface FlagState {
  name: string;
  enabled: boolean;
  forced_off: boolean;
  changed_at: string | null;
  changed_by: string | null;
}

/** What the reconciler found between what fails, what was intended and what stands on the help desk. */
export interface Reconciliation {
  /** Null before the first one ended. `desk`: looked, cut_short, failing, failed or not_configured. */
  last_run: { at: string; took_ms: number; desk: string; did: Record<string, number> } | null;
  /** Waits for a person: two tickets for one (`twin`), parked actors (`parked`). */
  standing: { kind: string; details: Record<string, unknown>; found_at: string }[];
  /** Put right or reported lately, newest first. */
  recent: { at: string; what: string; details: Record<string, unknown> }[];
}
