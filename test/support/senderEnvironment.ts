import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, startApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/log/log.ts';
import { startEnvironment } from './environment.ts';
import { freePort } from './freePort.ts';
import { PRODUCTION } from './settings.ts';

const ADMIN_TOKEN = 'an-api-token-of-an-admin-0123456789';

/** The token of a source in tests. */
export const tokenOf = (source: string): string => `token-of-${source}-0123456789abcdef`;

/** The program in production mode, web and worker in one process, with the sources `sources` and a token for each. */
export async function startSenderEnvironment(
  sources: readonly Record<string, unknown>[],
  env: Record<string, string> = {},
) {
  const environment = await startEnvironment({ FLAG_CONSOLE_ALERTS_AUTO_TICKET: '1', ...env });
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-senders-'));
  const file = join(dir, 'surfaces.yaml');
  const surfaces = [{ id: 'shop', name: 'Shop', url: 'http://127.0.0.1:9/', interval_seconds: 86_400 }];
  await writeFile(file, JSON.stringify({ surfaces, sources }));
  const lines: string[] = [];
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  const config = readConfig({
    ...PRODUCTION,
    ...environment.settings,
    // A slow machine is no outage of FreeScout, after which filings wait for half a minute.
    FREESCOUT_TIMEOUT_MS: '9000',
    OIDC_ISSUER_URL: 'http://127.0.0.1:9/',
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    DATABASE_URL: environment.url,
    SURFACES_FILE: file,
    CONSOLE_API_TOKENS: `ops:admin:${ADMIN_TOKEN}`,
    INGEST_TOKENS: sources.map(({ id }) => `${id}:${tokenOf(String(id))}`).join(','),
    LOG_LEVEL: 'debug',
  });
  const url = `http://127.0.0.1:${config.port}`;
  let app: App | null = await startApp({ config, role: 'all', log });
  const workers: App[] = [];
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  return {
    ...environment,
    url,
    lines,
    config,
    /** Starts one more worker on the same database. */
    async addWorker(): Promise<void> {
      workers.push(await startApp({ config: { ...config, portGiven: false }, role: 'worker', log }));
    },
    /** The program is away meanwhile, and then back at the same address. */
    async whileAway(task: () => Promise<void>): Promise<void> {
      await app?.stop();
      app = null;
      await task();
      app = await startApp({ config, role: 'all', log });
    },
    send: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    /** As an admin. */
    ask: async (path: string, body?: unknown, headers: Record<string, string> = {}) =>
      fetch(`${url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json', ...bearer(ADMIN_TOKEN), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    as: (source: string) => bearer(tokenOf(source)),
    async close(): Promise<void> {
      await Promise.all([app, ...workers].map((each) => each?.stop()));
      await environment.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type SenderEnvironment = Awaited<ReturnType<typeof startSenderEnvironment>>;
