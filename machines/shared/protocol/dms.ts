/** Messages in Slack, and their results. */

/** One message in Slack; messages of one episode have the same `thread`. */
export interface DmRequest {
  id: string;
  thread: string;
  kind:
    | 'opened'
    | 'escalated'
    | 'ticket'
    | 'continued'
    | 'resolved'
    | 'flapping'
    | 'unassigned'
    | 'grouped'
    | 'desk_failing'
    | 'desk_back'
    | 'letters_overdue';
  source: string | null;
  body: Record<string, unknown>;
  /**
   * The Slack id of a channel or person, or null for the person in SLACK_DM_USER_ID. Left out: the rules for
   * notifications decide.
   */
  to?: string | null;
}

/** `grouped`: not sent because its source sends too many; the umbrella lists the alert in one message with others. */
export type DmResult = { outcome: 'sent' } | { outcome: 'grouped' } | { outcome: 'skipped' };
