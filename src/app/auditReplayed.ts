import type { ClientBase } from 'pg';
import type { Replayed } from '../actors/effectRunner.ts';
import { appendAudit } from '../audit/auditLog.ts';

/** Audits a replayed effect that was delivered, or dropped because it is no longer needed. A failed one is listed again. */
export async function auditReplayed(client: ClientBase, { id, status, outcome }: Replayed): Promise<void> {
  if (status !== 'done') return;
  await appendAudit(client, [
    { action: 'console.dead_letters.delivered', payload: { effect_id: id, outcome }, actor: 'console' },
  ]);
}
