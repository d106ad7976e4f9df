import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';

/** A surfaces file as a process has it. */
export interface FileVersion {
  /** SHA-256 of the text. */
  digest: string;
  /** The number that the file gives itself; null if it gives none. */
  revision: number | null;
  modifiedAt: Date | null;
}

export const fileVersion = (text: string, revision: number | null, modifiedAt: Date | null): FileVersion => ({
  digest: createHash('sha256').update(text).digest('hex'),
  revision,
  modifiedAt,
});

interface StoredVersion {
  digest: string;
  revision: string | null;
  modified_at: Date | null;
}

/** What became of a file. `returns`: it was in force before, and another one has replaced it meanwhile. */
export type FileVerdict = { isInForce: true; returns: boolean } | { isInForce: false; reason: string };

/** SQL: a modification time further ahead than clocks differ was not the real one, and would lock out every edit until then. */
const isAhead = (time: string): string => `${time} > clock_timestamp() + interval '1 minute'`;
const STORED_TIME = `case when ${isAhead('modified_at')} then in_force_at else modified_at end`;
/** When the file `$1` was modified, as it says in `$2`; if that lies ahead, when it was first seen. */
const MODIFIED_AT = `
  select case when ${isAhead('$2::timestamptz')}
    then coalesce((select ${STORED_TIME} from surfaces_files where digest = $1), clock_timestamp())
    else $2::timestamptz end as modified_at`;

/**
 * Records the file as the one in force; or answers why it is older than the one in force, which then stays. Call it in the
 * transaction that stores the surfaces. See docs/decisions/0014-newest-surfaces-file.md.
 */
export async function takeIntoForce(client: Pick<ClientBase, 'query'>, file: FileVersion): Promise<FileVerdict> {
  await client.query("select pg_advisory_xact_lock(hashtextextended('surfaces file', 0))");
  const { rows } = await client.query<StoredVersion>(
    `select digest, revision, ${STORED_TIME} as modified_at from surfaces_files order by in_force_at desc limit 1`,
  );
  const { rows: modified } = await client.query<{ modified_at: Date | null }>(MODIFIED_AT, [
    file.digest,
    file.modifiedAt,
  ]);
  const modifiedAt = modified[0]?.modified_at ?? null;
  const [inForce] = rows;
  const replaces = inForce && inForce.digest !== file.digest;
  const reason = replaces ? reasonToKeep(inForce, { ...file, modifiedAt }) : null;
  if (reason !== null) return { isInForce: false, reason };
  const { rows: recorded } = await client.query<{ is_new: boolean }>(
    `insert into surfaces_files (digest, revision, modified_at) values ($1, $2, $3)
     on conflict (digest) do update set revision = excluded.revision, in_force_at = clock_timestamp(),
       modified_at = greatest(surfaces_files.modified_at, excluded.modified_at)
     returning xmax = 0 as is_new`,
    [file.digest, file.revision, modifiedAt],
  );
  return { isInForce: true, returns: replaces === true && recorded[0]?.is_new === false };
}

function reasonToKeep(inForce: StoredVersion, { revision, modifiedAt }: FileVersion): string | null {
  const stored = inForce.revision === null ? null : Number(inForce.revision);
  if (stored !== null || revision !== null) {
    if (stored === null || (revision !== null && revision >= stored)) return null;
    return revision === null
      ? `the file in force has revision ${stored}, and this one has none`
      : `the file in force has revision ${stored}, and this one has revision ${revision}`;
  }
  if (inForce.modified_at === null || modifiedAt === null || modifiedAt >= inForce.modified_at) return null;
  return `the file in force was modified at ${inForce.modified_at.toISOString()}, and this one at ${modifiedAt.toISOString()}`;
}
