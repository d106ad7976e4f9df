import type { Pool } from 'pg';
import { appendAudit } from '../../audit/auditLog.ts';
import { transaction } from '../../db/pool.ts';
import { Problem } from '../../lib/problem.ts';
import { senderNamed } from '../senders/registry.ts';
import { TEST_MARK } from '../senders/testMark.ts';
import { storeRequest } from './store.ts';

/**
 * Stores the requests with which the sender of this source would report an alert and its end. The alert is recorded only.
 * False if no sender is known for the source, or its requests depend on a mapping. Throws Problem `busy`, and stores
 * nothing, if too many requests of the source wait.
 */
export async function sendTest(pool: Pool, source: string, by: string): Promise<boolean> {
  const { rows } = await pool.query<{ sender: string | null }>(
    `select coalesce((select config->>'kind' from alert_sources where id = $1),
       (select sender from webhook_sources where source = $1)) as sender`,
    [source],
  );
  const sender = senderNamed(rows[0]?.sender ?? '');
  if (!sender) return false;
  const title = `Test of ${source} from the console`;
  const samples = [sender.sample('firing', title), sender.sample('resolved', title)];
  if (samples.includes(null)) return false;
  await transaction(pool, async (client) => {
    for (const sample of samples) {
      if (!sample) continue;
      const headers = { ...sample.headers, ...TEST_MARK };
      const id = await storeRequest(client, { ...sample, headers, source, sender: sender.name, rest: '', query: '' });
      // Rolls back: an alert without its end would stay open.
      if (id === null) throw new Problem('busy', `Nothing was stored: too many requests of ${source} are waiting.`);
    }
    await appendAudit(client, [{ action: 'console.sources.tested', payload: { source }, actor: by }]);
  });
  return true;
}
