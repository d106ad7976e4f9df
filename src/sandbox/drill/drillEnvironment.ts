import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { type App, startApp } from '../../app/app.ts';
import { readConfig } from '../../config/config.ts';
import { migrate } from '../../db/migrate.ts';
import { createPool } from '../../db/pool.ts';
import { createCleanups } from '../../lib/cleanup.ts';
import { createLog } from '../../log/log.ts';
import { startSandboxFreeScout } from '../freescout/sandboxFreeScout.ts';
import { startSandboxServices } from '../services/sandboxServices.ts';
import { startSandboxSlack } from '../slack/sandboxSlack.ts';
import { type Line, recordLines } from './logLines.ts';
import { createObservations, type Observations } from './observations.ts';

/** One drill's own world: the real program on a database, a FreeScout, a Slack and services of its own. */
export interface DrillEnvironment extends Observations {
  freescout: Awaited<ReturnType<typeof startSandboxFreeScout>>;
  services: Awaited<ReturnType<typeof startSandboxServices>>;
  /** What the program logged, oldest first. */
  lines: Line[];
  /** Asks the console over HTTP, as an admin's script. */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>;
  /** Sends alerts as the named sender. */
  emit(source: Source, alerts: object[]): Promise<Answer>;
  /** Stops the program in good order and starts it anew, as a deploy does. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** Senders that are let in. */
const SOURCES = ['steady-sender', 'unstable-sender', 'flooding-sender'] as const;
type Source = (typeof SOURCES)[number];

const ANSWER_MS = 25_000;
const quiet = createLog({ level: 'silent' });

export interface DrillEnvironmentOptions {
  /** An empty database for this environment alone. */
  databaseUrl: string;
  /** A folder for small files. */
  dir: string;
  surfaceIds: string[];
  /** Beside the usual ones. */
  settings?: Record<string, string>;
}

export async function startDrillEnvironment({
  databaseUrl,
  dir,
  surfaceIds,
  settings = {},
}: DrillEnvironmentOptions): Promise<DrillEnvironment> {
  const releases = createCleanups(quiet);
  try {
    await migrate(databaseUrl, quiet);
    const pool: Pool = createPool(databaseUrl, 3, quiet);
    releases.add('database pool', () => pool.end());

    const freescout = await startSandboxFreeScout({ apiKey: secret(), store: null });
    releases.add('sandbox help desk', () => freescout.stop());
    const slack = await startSandboxSlack({ token: `xoxb-${secret()}`, userId: 'U0OPERATOR', store: null });
    releases.add('sandbox Slack', () => slack.stop());
    const services = await startSandboxServices({ surfaces: surfaceIds.map(demoSurface) });
    releases.add('sandbox services', () => services.stop());

    const surfacesFile = join(dir, `surfaces-${secret()}.yaml`);
    // Drills take services down; one that is slow because this machine is busy is no part of them.
    const surfaces = services.surfaces.map((surface) => ({ ...surface, degraded_after_ms: surface.timeout_ms }));
    await writeFile(surfacesFile, JSON.stringify({ surfaces }));
    const tokens = new Map<string, string>(SOURCES.map((source) => [source, secret()]));
    const adminToken = secret();
    const config = readConfig({
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
      FREESCOUT_IN_DOUBT_SECONDS: '5',
      SLACK_BOT_TOKEN: slack.token,
      SLACK_DM_USER_ID: slack.userId,
      SLACK_API_URL: slack.apiUrl,
      SURFACES_FILE: surfacesFile,
      POLL_INTERVAL_SECONDS: '1',
      INGEST_TOKENS: [...tokens].map(([source, token]) => `${source}:${token}`).join(','),
      CONSOLE_API_TOKENS: `drill:admin:${adminToken}`,
      ...settings,
    });

    const { lines, log } = recordLines();
    let app: App | null = null;
    const begin = async () => {
      app = await startApp({ config, role: 'all', log });
      // So that what is done by hand in the help desk is known here at once.
      freescout.control.webhook(`${app.url}/api/webhooks/freescout`);
    };
    const end = async () => {
      await app?.stop();
      app = null;
    };
    releases.add('program', end);
    await begin();

    const send = async (method: string, path: string, token: string, body?: object): Promise<Answer> => {
      const response = await fetch(`${app?.url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, Accept: 'application/json', 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    };

    return {
      ...createObservations({ pool, freescout, slack }),
      freescout,
      services,
      lines,
      ask: (method, path, body) => send(method, path, adminToken, body),
      emit: (source, alerts) => send('POST', '/api/alerts', tokens.get(source) ?? '', { source, alerts }),
      async restart() {
        await end();
        await begin();
      },
      stop: () => releases.run(),
    };
  } catch (error) {
    await releases.run();
    throw error;
  }
}

const secret = (): string => randomBytes(12).toString('hex');

const demoSurface = (id: string) => ({
  id,
  name: id.toUpperCase(),
  group: 'Drill',
  severity: { degraded: 'P2', down: 'P1' } as const,
});
