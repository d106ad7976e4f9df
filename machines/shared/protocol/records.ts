/** What a transition writes for people: the audit log, and the responses to clicks. */

/** One row of the audit log. `actor` is the person or the component that caused it. */
export interface AuditEntry {
  action: string;
  payload: Record<string, unknown>;
  actor: string;
}

/** The response to a click on Investigate. */
export interface ClickAnswer {
  clickId: string;
  body: Record<string, unknown>;
}
