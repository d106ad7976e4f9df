/** One thing that is wrong at the end of a run. */
export interface Violation {
  kind: ViolationKind;
  /** A description with the ids that help to find it. */
  what: string;
}

export const VIOLATIONS = [
  'duplicate_ticket',
  'missing_ticket',
  'untagged',
  'wrong_tags',
  'unknown_ticket',
  'wrong_audit',
  'missing_audit',
  'lost_event',
  'lost_update',
  'took_newer',
  'overwrote_newer',
  'unreported',
  'repeated_event',
  'lost_request',
  'surplus_request',
  'wrong_dead_letter',
  'unknown_alert',
  'unexplained',
  'wrong_flapping',
  'unrequested_ticket',
  'filed_while_off',
  'wrong_answer',
  'wrong_rejection',
  'missing_message',
  'double_message',
  'missing_note',
  'double_note',
  'dead_letter',
  'parked',
  'error_line',
  'stray_output',
  'ended',
  'slow_stop',
  'dirty_stop',
  'not_idle',
  'slow_takeover',
  'not_covered',
] as const;
export type ViolationKind = (typeof VIOLATIONS)[number];

export const violation = (kind: ViolationKind, what: string): Violation => ({ kind, what });
