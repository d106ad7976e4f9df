import { readFile, stat } from 'node:fs/promises';
import type { Pool } from 'pg';
import { alertKeyOfActor } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';
import type { Delivered } from '../actors/messages.ts';
import type { LastSeen } from '../alerts/lastSeen.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import { fileVersion } from '../surfaces/fileVersion.ts';
import { createPoller, type Poller } from '../surfaces/poller.ts';
import { createProbe } from '../surfaces/probe.ts';
import { createSelfCheck } from '../surfaces/selfCheck.ts';
import { parseSurfacesFile } from '../surfaces/surfacesFile.ts';
import { syncFile } from '../surfaces/sync.ts';
import type { Environment } from './environment.ts';
import type { Metrics } from './metrics.ts';

/** The poller, whose emissions count as a sign of life of their alerts. */
export function createSurfacePoller(deps: {
  pool: Pool;
  deliver: Deliver;
  lastSeen: LastSeen;
  config: Config;
  log: Log;
  metrics: Metrics;
}): Poller {
  const { pool, deliver, lastSeen, log, metrics } = deps;
  const { surfaces, flap } = deps.config;
  const probe = createProbe({ allowPrivate: surfaces.allowPrivate, log });
  return createPoller({
    pool,
    deliver,
    probe,
    selfCheck: (signal) => createSelfCheck({ pool, deliver, probe, signal }),
    intervalSeconds: surfaces.pollIntervalSeconds,
    policy: { flap: { maxOutages: flap.maxOutages, windowMs: flap.outageWindowMinutes * 60_000 } },
    log,
    onChecked: (outcome) => metrics.checks.inc({ outcome }),
    // Emissions that start a filing are recorded before the filing can begin; the others change nothing.
    also: (client, delivered) => lastSeen.recordSeenIn(client, emittedKeys(delivered)),
    onDelivered: (delivered) => lastSeen.recordSeen(emittedKeys(delivered)),
  });
}

const emittedKeys = (delivered: readonly Delivered[]): string[] =>
  delivered.flatMap(({ message: { to, event } }) => (event.type === 'EMITTED' ? [alertKeyOfActor(to)] : []));

/**
 * Reads the surfaces file, or takes the surfaces of the sandbox, and stores them. Throws for a faulty file; a file that is
 * older than the one in force changes nothing.
 */
export async function loadSurfaces(pool: Pool, { config, surfaces }: Environment, log: Log): Promise<void> {
  const { file } = config.surfaces;
  if (file === null) {
    if (surfaces) await syncFile(pool, { surfaces, selfChecks: [] });
    return;
  }
  const [text, { mtime }] = [await readFile(file, 'utf8'), await stat(file)];
  const { revision, ...listed } = parseSurfacesFile(text, file);
  const older = await syncFile(pool, { ...listed, file: fileVersion(text, revision, mtime) });
  if (older !== null) log.warn({ file, reason: older }, 'surfaces file is older than the one in force; ignoring it');
}
