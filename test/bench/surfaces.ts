import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import type { Environment } from './environment.ts';
import { count, waitFor } from './waitFor.ts';

/** Surfaces that a worker really checks: services of the stubs. */

interface Services {
  count: number;
  /** How many more accept connections and never answer. */
  hanging?: number;
  severityDown?: 'P1' | 'none';
}

/** Writes a surfaces file; returns the setting that points to it. One failed check confirms an outage. */
export async function watchedServices(
  { dir, stubs }: Environment,
  { count: healthy, hanging = 0, severityDown = 'P1' }: Services,
): Promise<{ SURFACES_FILE: string }> {
  const one = (id: string, path: string) => ({
    id,
    name: `Service ${id}`,
    url: `${stubs.url}/service/${path}`,
    failures_to_open: 1,
    successes_to_close: 1,
    severity: { degraded: 'none', down: severityDown },
  });
  const surfaces = [
    ...Array.from({ length: healthy }, (_, n) => one(`service-${n}`, String(n))),
    ...Array.from({ length: hanging }, (_, n) => ({ ...one(`hang-${n}`, `hang-${n}`), timeout_ms: 5_000 })),
  ];
  const file = join(dir, `watched-${healthy}-${hanging}.yaml`);
  // Every JSON document is YAML.
  await writeFile(file, JSON.stringify({ surfaces }));
  return { SURFACES_FILE: file };
}

/** Resolves when this many services have this status. */
export function untilStatus(pool: Pool, wanted: number, status: 'OPERATIONAL' | 'DOWN'): Promise<void> {
  return waitFor(async () => (await count(pool, IN_STATUS, [status])) >= wanted);
}

const IN_STATUS = "actors where kind = 'surface' and snapshot->'context'->>'status' = $1";
