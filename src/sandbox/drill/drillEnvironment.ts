import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, readConfig } from '../../config/config.ts';
import { migrate } from '../../db/migrate.ts';
import { createPool } from '../../db/pool.ts';
import { type Cleanups, createCleanups } from '../../lib/cleanup.ts';
import { createLog } from '../../log/log.ts';
import { type SandboxFreeScout, startSandboxFreeScout } from '../freescout/sandboxFreeScout.ts';
import { type SandboxServices, startSandboxServices } from '../services/sandboxServices.ts';
import { type SandboxSlack, startSandboxSlack } from '../slack/sandboxSlack.ts';
import { type Answer, createDrillProgram } from './drillProgram.ts';
import { type Line, recordLines } from './logLines.ts';
import { createObservations, type Observations } from './observations.ts';

/** The environment of one drill: the real program, with its own database, sandbox FreeScout, sandbox Slack and sandbox services. */
export interface DrillEnvironment extends Observations {
  freescout: SandboxFreeScout;
  services: SandboxServices;
  /** The program's log lines, oldest first. */
  lines: Line[];
  /** Sends a request to the console with an admin token. */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>;
  /** Sends alerts with the token of the named source. */
  emit(source: Source, alerts: object[]): Promise<Answer>;
  /** Stops the program cleanly and starts it again, as a deploy does. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The sources that have an ingest token. */
const SOURCES = ['steady-sender', 'unstable-sender', 'flooding-sender'] as const;
type Source = (typeof SOURCES)[number];

const silent = createLog({ level: 'silent' });

export interface DrillEnvironmentOptions {
  /** An empty database for this environment alone. */
  databaseUrl: string;
  /** A folder for small files. */
  dir: string;
  surfaceIds: string[];
  /** Settings added to those of every drill. */
  settings?: Record<string, string>;
}

export async function startDrillEnvironment(options: DrillEnvironmentOptions): Promise<DrillEnvironment> {
  const { databaseUrl, surfaceIds } = options;
  const cleanups = createCleanups(silent);
  try {
    await migrate(databaseUrl, silent);
    const pool = createPool(databaseUrl, 3, silent);
    cleanups.add('database pool', () => pool.end());
    const sandboxes = await startSandboxes(surfaceIds, cleanups);
    const { freescout, slack, services } = sandboxes;

    const adminToken = secret();
    const ingestTokens = new Map<string, string>(SOURCES.map((source) => [source, secret()]));
    const config = await drillConfig(options, sandboxes, { adminToken, ingestTokens });
    const { lines, log } = recordLines();
    const program = createDrillProgram({ config, log, freescout });
    cleanups.add('program', program.stop);
    await program.start();

    return {
      ...createObservations({ pool, freescout, slack }),
      freescout,
      services,
      lines,
      ask: (method, path, body) => program.send(method, path, adminToken, body),
      emit: (source, alerts) => program.send('POST', '/api/alerts', ingestTokens.get(source) ?? '', { source, alerts }),
      async restart() {
        await program.stop();
        await program.start();
      },
      stop: () => cleanups.run(),
    };
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

interface Sandboxes {
  freescout: SandboxFreeScout;
  slack: SandboxSlack;
  services: SandboxServices;
}

async function startSandboxes(surfaceIds: string[], cleanups: Cleanups): Promise<Sandboxes> {
  const freescout = await startSandboxFreeScout({ apiKey: secret(), store: null });
  cleanups.add('sandbox FreeScout', () => freescout.stop());
  const slack = await startSandboxSlack({ token: `xoxb-${secret()}`, userId: 'U0OPERATOR', store: null });
  cleanups.add('sandbox Slack', () => slack.stop());
  const services = await startSandboxServices({ surfaces: surfaceIds.map(demoSurface) });
  cleanups.add('sandbox services', () => services.stop());
  return { freescout, slack, services };
}

interface Tokens {
  adminToken: string;
  ingestTokens: ReadonlyMap<string, string>;
}

async function drillConfig(
  { databaseUrl, dir, settings = {} }: DrillEnvironmentOptions,
  { freescout, slack, services }: Sandboxes,
  { adminToken, ingestTokens }: Tokens,
): Promise<Config> {
  const surfacesFile = join(dir, `surfaces-${secret()}.yaml`);
  // Drills take services down. On a busy machine a check can also be slow; that must not count as degraded.
  const surfaces = services.surfaces.map((surface) => ({ ...surface, degraded_after_ms: surface.timeout_ms }));
  await writeFile(surfacesFile, JSON.stringify({ surfaces }));
  return readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    DATA_DIR: dir,
    FREESCOUT_BASE_URL: freescout.url,
    FREESCOUT_API_KEY: freescout.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(freescout.operationsMailboxId),
    FREESCOUT_SUPPORT_MAILBOX_ID: String(freescout.supportMailboxId),
    FREESCOUT_WEBHOOK_SECRET: freescout.webhookSecret,
    FREESCOUT_TIMEOUT_MS: '3000',
    FREESCOUT_IN_DOUBT_SECONDS: '8',
    SLACK_BOT_TOKEN: slack.token,
    SLACK_DM_USER_ID: slack.userId,
    SLACK_API_URL: slack.apiUrl,
    SURFACES_FILE: surfacesFile,
    POLL_INTERVAL_SECONDS: '1',
    INGEST_TOKENS: [...ingestTokens].map(([source, token]) => `${source}:${token}`).join(','),
    CONSOLE_API_TOKENS: `drill:admin:${adminToken}`,
    ...settings,
  });
}

const secret = (): string => randomBytes(12).toString('hex');

const demoSurface = (id: string) => ({
  id,
  name: id.toUpperCase(),
  group: 'Drill',
  severity: { degraded: 'P2', down: 'P1' } as const,
});
