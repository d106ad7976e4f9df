import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { alertKeyOfActor } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';
import type { Delivered } from '../actors/messages.ts';
import type { LastSeen, Seen } from '../alerts/lastSeen.ts';
import { syncSources } from '../alerts/sources/sources.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import { createPoller, type Poller } from '../surfaces/poller.ts';
import { createProbe } from '../surfaces/probe.ts';
import { createSelfCheck, syncSelfChecks } from '../surfaces/selfCheck.ts';
import { parseSurfacesFile } from '../surfaces/surfacesFile.ts';
import { syncSurfaces } from '../surfaces/sync.ts';
import type { Environment } from './environment.ts';
import type { Metrics } from './metrics.ts';

/** The poller, whose emissions count as a sign of life of their alerts. */
export function createSurfacePoller(deps: {
  pool: Pool;
  deliver: Deliver;
  lastSeen: LastSeen;
  config: Config['surfaces'];
  log: Log;
  metrics: Metrics;
}): Poller {
  const { pool, deliver, lastSeen, config, log, metrics } = deps;
  const probe = createProbe({ allowPrivate: config.allowPrivate, log });
  return createPoller({
    pool,
    deliver,
    probe,
    selfCheck: (signal) => createSelfCheck({ pool, deliver, probe, signal }),
    intervalSeconds: config.pollIntervalSeconds,
    log,
    onChecked: (outcome) => metrics.checks.inc({ outcome }),
    // Emissions that start a filing are recorded before the filing can begin; the others change nothing.
    also: (client, delivered) => lastSeen.recordSeenIn(client, emittedKeys(delivered)),
    onDelivered: (delivered) => lastSeen.recordSeen(emittedKeys(delivered)),
  });
}

const emittedKeys = (delivered: readonly Delivered[]): Seen[] =>
  delivered.flatMap(({ message: { to, event } }) =>
    event.type === 'EMITTED' ? [{ alertKey: alertKeyOfActor(to) }] : [],
  );

/** Reads the surfaces file, or takes the surfaces of the sandbox, and stores them. Throws for a faulty file. */
export async function loadSurfaces(pool: Pool, { config, surfaces }: Environment): Promise<void> {
  const { file } = config.surfaces;
  const read = file
    ? parseSurfacesFile(await readFile(file, 'utf8'), file)
    : surfaces && { surfaces, selfChecks: [], sources: [] };
  if (!read) return;
  await syncSurfaces(pool, read.surfaces);
  await syncSelfChecks(pool, read.selfChecks);
  await syncSources(pool, read.sources);
}
