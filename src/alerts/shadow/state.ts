import type { Pool } from 'pg';
import { memoizeFor } from '../../lib/memoizeFor.ts';

/** Whether alerts of a source, or about a surface, are in shadow mode: decided and composed as always, and never posted. */
export type InShadow = (source: string | null, surfaceId: string | null) => boolean;

/** A change of the surfaces file counts after so long. */
const FRESH_MS = 500;

export function createShadowState(pool: Pick<Pool, 'query'>): () => Promise<InShadow> {
  return memoizeFor(FRESH_MS, async () => {
    const { rows } = await pool.query<{ source: string | null; surface: string | null }>(
      `select id as source, null as surface from alert_sources where config->'shadow' = 'true'
       union all select null, id from surfaces where removed_at is null and config->'shadow' = 'true'`,
    );
    const [sources, surfaces] = [
      new Set(rows.map(({ source }) => source)),
      new Set(rows.map(({ surface }) => surface)),
    ];
    return (source, surfaceId) =>
      (source !== null && sources.has(source)) || (surfaceId !== null && surfaces.has(surfaceId));
  });
}
