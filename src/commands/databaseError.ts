import { explainDatabaseError } from '../db/explainDatabaseError.ts';
import { CommandError } from '../lib/terminal.ts';

/** The same failure as a sentence for the terminal; null if it is not a failure of the database. */
export function databaseError(error: unknown, url: string, setting?: string): CommandError | null {
  if (error instanceof CommandError) return null;
  const sentence = explainDatabaseError(error, url, setting);
  return sentence === null ? null : new CommandError(sentence, { cause: error });
}
