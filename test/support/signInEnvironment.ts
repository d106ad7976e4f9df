import { type App, startApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from './db.ts';
import { freePort } from './freePort.ts';
import { CLIENT, type IdentityProvider, startIdentityProvider } from './identityProvider.ts';

export const API_TOKEN = 'an-api-token-of-an-admin-0123456789';
export const INGEST_TOKEN = 'an-ingest-token-of-a-sender-0123456789';

export interface SignInEnvironment {
  /** Where people open the console. */
  url: string;
  /** A second process on the same database; it is reached at another port and calls itself by the first one's address. */
  second: string;
  database: TestDatabase;
  provider: IdentityProvider;
  lines: string[];
  audit(action: string): Promise<{ payload: Record<string, unknown>; actor: string }[]>;
  close(): Promise<void>;
}

/** The real program as in production, with people who sign in at a real provider: two web processes on one database. */
export async function startSignInEnvironment(
  env: Record<string, string> = {},
  { providerIsAway = false } = {},
): Promise<SignInEnvironment> {
  const [port, other] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const database = await createTestDatabase();
  const provider = await startIdentityProvider(url);
  if (providerIsAway) await provider.stop();
  const lines: string[] = [];
  const settings = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: url,
    DATABASE_URL: database.url,
    OIDC_ISSUER_URL: provider.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    OIDC_ROLE_MAP: 'sre:admin,support:operator,everyone:viewer',
    SESSION_SECRET: 'a-session-secret-of-more-than-32-characters',
    CONSOLE_API_TOKENS: `ops:admin:${API_TOKEN}`,
    INGEST_TOKENS: `prometheus:${INGEST_TOKEN}`,
    LOG_LEVEL: 'debug',
    ...env,
  };
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  const start = (at: number): Promise<App> =>
    startApp({ config: readConfig({ ...settings, PORT: String(at) }), role: 'web', log });
  const apps = await Promise.all([start(port), start(other)]);

  return {
    url,
    second: `http://127.0.0.1:${other}`,
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
      await Promise.all(apps.map((app) => app.stop()));
      await provider.stop().catch(() => undefined);
      await database.drop();
    },
  };
}
