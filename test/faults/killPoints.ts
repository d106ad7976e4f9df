import type { KillFault } from './planFaults.ts';

/** A step at which a process may die: before or after a statement that contains this text. */
interface KillPoint {
  statement: string;
  /** After: when its answer with at least one row has arrived. */
  when: 'before' | 'after';
}

/** Between claim, decision, attempt, call and result of effects, in the order in which a process comes to them. */
export const KILL_POINTS: Record<KillFault, KillPoint> = {
  // A batch of effects was claimed, and nothing decided.
  kill_after_claim: { statement: 'order by e.created_at limit $4 for update of j skip locked', when: 'after' },
  // It was decided which filings and messages may be posted, and no attempt is recorded.
  kill_after_decision: { statement: 'from storm_slots_of_filings', when: 'after' },
  // The attempt is recorded, and its request has not been sent.
  kill_after_attempt: { statement: "update filings set phase = 'attempting'", when: 'after' },
  // The request was answered, and nothing recorded.
  kill_after_call: { statement: "update filings set phase = 'created', ticket_id = $2", when: 'before' },
  // The results were delivered, and the claims on their jobs have not ended.
  kill_after_result: { statement: 'where id = any($1) and locked_by = any($2)', when: 'before' },
  // The alerts of webhook requests were taken, and the requests still count as waiting.
  kill_after_webhook: { statement: 'update webhook_requests r set status = x.status', when: 'before' },
};
