/** What the checks come to. */
export interface Violation {
  kind: ViolationKind;
  /** What is wrong, in words that help to find it. */
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
  'unexplained',
  'behind_the_back',
  'filed_while_off',
  'wrong_answer',
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
  'no_rest',
] as const;
export type ViolationKind = (typeof VIOLATIONS)[number];

export const violation = (kind: ViolationKind, what: string): Violation => ({ kind, what });

export function groupBy<T, Key>(rows: readonly T[], key: (row: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
