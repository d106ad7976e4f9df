import { type App, startApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from './db.ts';
import { onFreePort } from './freePort.ts';
import { CLIENT, type IdentityProvider, startIdentityProvider } from './identityProvider.ts';

export const API_TOKEN = 'an-api-token-of-an-admin-0123456789';
export const INGEST_TOKEN = 'an-ingest-token-of-a-sender-0123456789';

export interface SignInEnvironment {
  /** The address of the first web process, which is the public one. */
  url: string;
  /** The address of the second web process, which has the same public address as the first. */
  second: string;
  database: TestDatabase;
  provider: IdentityProvider;
  /** The log of both processes. */
  lines: string[];
  audit(action: string): Promise<{ payload: Record<string, unknown>; actor: string }[]>;
  close(): Promise<void>;
}

/**
 * The program in production mode with a real identity provider: two web processes on one database.
 * `env` overrides settings. `providerIsDown`: the provider is stopped before the program starts. `client`: metadata that
 * the provider has of the console.
 */
export async function startSignInEnvironment(
  env: Record<string, string> = {},
  {
    providerIsDown = false,
    client = () => ({}),
  }: { providerIsDown?: boolean; client?: (url: string) => Record<string, unknown> } = {},
): Promise<SignInEnvironment> {
  const database = await createTestDatabase();
  const lines: string[] = [];
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });

  // The provider has to know the public address before the program starts there.
  const { url, provider, settings, first } = await onFreePort(async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const provider = await startIdentityProvider(url, client(url));
    if (providerIsDown) await provider.stop();
    const settings = { ...settingsFor(url, database.url, provider.issuer), ...env };
    try {
      const config = readConfig({ ...settings, PORT: String(port) });
      return { url, provider, settings, first: await startApp({ config, role: 'web', log }) };
    } catch (error) {
      await provider.stop().catch(() => undefined);
      throw error;
    }
  });
  const second: App = await startApp({ config: readConfig({ ...settings, PORT: '0' }), role: 'web', log });

  return {
    url,
    second: second.url ?? '',
    database,
    provider,
    lines,
    async audit(action) {
      const { rows } = await database.pool.query<{ payload: Record<string, unknown>; actor: string }>(
        'select payload, actor from audit_log where action = $1 order by id',
        [action],
      );
      return rows;
    },
    async close() {
      await Promise.all([first.stop(), second.stop()]);
      await provider.stop().catch(() => undefined);
      await database.drop();
    },
  };
}

const settingsFor = (url: string, databaseUrl: string, issuer: string): Record<string, string> => ({
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PUBLIC_URL: url,
  DATABASE_URL: databaseUrl,
  OIDC_ISSUER_URL: issuer,
  OIDC_CLIENT_ID: CLIENT.id,
  OIDC_CLIENT_SECRET: CLIENT.secret,
  OIDC_ROLE_MAP: 'sre:admin,support:operator,everyone:viewer',
  SESSION_SECRET: 'a-session-secret-of-more-than-32-characters',
  CONSOLE_API_TOKENS: `ops:admin:${API_TOKEN}`,
  INGEST_TOKENS: `prometheus:${INGEST_TOKEN}`,
  LOG_LEVEL: 'debug',
});
