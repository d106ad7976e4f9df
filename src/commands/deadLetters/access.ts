import type { Pool } from 'pg';
import { createDelivery } from '../../actors/deliver.ts';
import { actionWriters, noRoutes } from '../../app/actionWriters.ts';
import { registry } from '../../app/machineRegistry.ts';
import { createDeadLetters, type DeadLetters } from '../../deadLetters/deadLetters.ts';
import { Problem } from '../../lib/problem.ts';
import { type CommandContext, CommandError } from '../../lib/terminal.ts';
import { createLog } from '../../log/log.ts';
import { databaseSettings } from '../databaseSettings.ts';
import { withMigratedDatabase } from '../withDatabase.ts';

/** Runs `task` on the dead letters of the configured database. Throws CommandError if they refuse it. */
export function withDeadLetters<T>(
  { env, terminal }: CommandContext,
  task: (deadLetters: DeadLetters) => Promise<T>,
): Promise<T> {
  return withMigratedDatabase(databaseSettings(env), terminal, async (pool) => {
    try {
      return await task(deadLettersIn(pool));
    } catch (error) {
      throw error instanceof Problem ? new CommandError(error.message, { cause: error }) : error;
    }
  });
}

/** A replay delivers events from this process; a worker runs the effects that follow from them. */
function deadLettersIn(pool: Pool): DeadLetters {
  const { deliver } = createDelivery({
    pool,
    registry,
    log: createLog({ level: 'silent' }),
    writers: actionWriters,
    router: async () => noRoutes,
  });
  return createDeadLetters({ pool, registry, deliver });
}

export const notFound = (id: string): string => `There is no dead letter ${id}.`;

/** Throws CommandError for null and false, which mean that no dead letter has this id. */
export async function found<T>(id: string, result: Promise<T | null | false>): Promise<T> {
  const value = await result;
  if (value === null || value === false) throw new CommandError(notFound(id));
  return value;
}
