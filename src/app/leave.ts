import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Fence } from '../actors/deliver.ts';
import { addJobs, deliveryJob } from '../actors/enqueue.ts';
import type { Message } from '../actors/messages.ts';
import { transaction } from '../db/pool.ts';

/** Stores messages for a job that delivers them, and tries again while another transaction holds their actors. */
export const leaveFor =
  (pool: Pool) =>
  async (messages: readonly Message[], fence?: Fence): Promise<void> => {
    await transaction(pool, async (client) => {
      await addJobs(client, [deliveryJob(messages.map((message) => ({ ...message, eventId: randomUUID() })))]);
      await fence?.(client);
    });
  };
