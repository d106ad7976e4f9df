import { readFile, stat } from 'node:fs/promises';
import type { ClientBase, Pool } from 'pg';
import { alertKeyOfActor } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';
import type { Delivered } from '../actors/messages.ts';
import { POLLER_SOURCE } from '../alerts/emission.ts';
import type { LastSeen, Seen } from '../alerts/lastSeen.ts';
import { type Sources, syncSources } from '../alerts/sources/sources.ts';
import type { Config } from '../config/config.ts';
import { weaknessOf } from '../config/weakSecrets.ts';
import type { Log } from '../log/log.ts';
import { registerSecrets } from '../log/secretTexts.ts';
import type { Names } from '../net/names.ts';
import { syncNotificationRules } from '../notify/notificationRules.ts';
import { confirmedChanges, recount } from '../surfaces/confirmedChecks.ts';
import { type SourceConfig, sourcesWithoutToken } from '../surfaces/fileSources.ts';
import { fileVersion } from '../surfaces/fileVersion.ts';
import { createPoller, type Poller } from '../surfaces/poller.ts';
import { createProbe } from '../surfaces/probe.ts';
import { unsetVariables } from '../surfaces/secrets.ts';
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
  names: Names;
  sources: Sources;
  config: Config;
  log: Log;
  metrics: Metrics;
}): Poller {
  const { pool, deliver, lastSeen, names, sources, log, metrics } = deps;
  const { surfaces, flap } = deps.config;
  const probe = createProbe({ allowPrivate: surfaces.allowPrivate, names, log });
  return createPoller({
    pool,
    deliver,
    probe,
    selfCheck: (signal) => createSelfCheck({ pool, deliver, probe, signal }),
    intervalSeconds: surfaces.pollIntervalSeconds,
    policy: async () => ({
      flap: { maxOutages: flap.maxOutages, windowMs: flap.outageWindowMinutes * 60_000 },
      reopenWithinMinutes: (await sources.rules(POLLER_SOURCE)).reopenWithinMinutes,
    }),
    log,
    onChecked: (outcome) => metrics.checks.inc({ outcome }),
    async also(client, delivered) {
      await recount(client, confirmedChanges(delivered));
      // Emissions that start a filing are recorded before the filing can begin; the others change nothing.
      await lastSeen.recordSeenIn(client, emittedKeys(delivered));
    },
    onDelivered: async (delivered) => void (await lastSeen.recordSeen(emittedKeys(delivered))),
  });
}

const emittedKeys = (delivered: readonly Delivered[]): Seen[] =>
  delivered.flatMap(({ message: { to, event } }) =>
    event.type === 'EMITTED' ? [{ alertKey: alertKeyOfActor(to) }] : [],
  );

const UNSET = 'surface refers to environment variables that are not set; its checks fail until they are set';

const UNSET_TOKEN =
  'source refers to an environment variable that is not set; its requests are refused until it is set';

const WEAK_TOKEN =
  'source has a token that can be guessed; in production its requests are refused until it is replaced';

/**
 * Reads the surfaces file, or takes the surfaces of the sandbox, and stores them. Throws for a faulty file; a file that is
 * older than the one in force changes nothing.
 */
export async function loadSurfaces(
  pool: Pool,
  { config, surfaces }: Pick<Environment, 'config' | 'surfaces'>,
  log: Log,
  // biome-ignore lint/style/noProcessEnv: which variables these are is up to the surfaces file
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const { file } = config.surfaces;
  if (file === null) {
    if (surfaces) await syncFile(pool, parseSurfacesFile(surfaces.text(), 'sandbox'));
    return;
  }
  const [text, { mtime }] = [await readFile(file, 'utf8'), await stat(file)];
  const { revision, sources, notifications, ...listed } = parseSurfacesFile(text, file);
  for (const surface of listed.surfaces) {
    const unset = unsetVariables(surface, env);
    if (unset.length > 0) log.warn({ surface_id: surface.id, variables: unset }, UNSET);
  }
  registerSecrets(sources.flatMap(({ tokenEnv = '' }) => env[tokenEnv] ?? []));
  warnOfTokens(sources, env, log);
  const also = async (client: ClientBase) => {
    await syncSources(client, sources);
    await syncNotificationRules(client, notifications);
  };
  const verdict = await syncFile(pool, { ...listed, file: fileVersion(text, revision, mtime), also });
  if (!verdict.isInForce) {
    log.warn({ file, reason: verdict.reason }, 'surfaces file is older than the one in force; ignoring it');
  } else if (verdict.returns) log.warn({ file }, RETURNS);
}

/** Somebody went back to it, or a process that still has it wrote it anew when it started. */
const RETURNS =
  'surfaces file that another one had replaced is in force again; if nobody went back to it, give the files a revision';

function warnOfTokens(sources: readonly SourceConfig[], env: NodeJS.ProcessEnv, log: Log): void {
  for (const { id, tokenEnv } of sourcesWithoutToken(sources, env)) {
    log.warn({ source: id, variables: [tokenEnv] }, UNSET_TOKEN);
  }
  for (const { id, tokenEnv = '' } of sources) {
    const weakness = env[tokenEnv] ? weaknessOf(env[tokenEnv]) : null;
    if (weakness !== null) log.warn({ source: id, variables: [tokenEnv], weakness }, WEAK_TOKEN);
  }
}

/** Stores the services of a sandbox again whenever they change, one change after the other. */
export function followSandboxSurfaces(pool: Pool, environment: Environment, log: Log): void {
  let last = Promise.resolve();
  environment.surfaces?.onChange(() => {
    last = last
      .then(() => loadSurfaces(pool, environment, log))
      .catch((error: unknown) => log.warn({ err: error }, 'sandbox services could not be stored; nothing was changed'));
  });
}
