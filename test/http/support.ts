import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Config, readConfig } from '../../src/config/config.ts';
import { withLiveSecrets } from '../../src/config/liveSecrets.ts';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import { createConsoleApp } from '../../src/http/koaApp.ts';
import { createHttpServer, type ServerTimeouts } from '../../src/http/server.ts';
import type { LoopLoad } from '../../src/lib/loopLoad.ts';
import { type FakeConsoleApi, fakeConsoleApi } from './fakeConsoleApi.ts';

export const TOKENS = {
  viewer: 'viewer-token-0123456789abcdef',
  operator: 'operator-token-0123456789abcdef',
  admin: 'admin-token-0123456789abcdef',
  prometheus: 'ingest-token-0123456789abcdef',
};

const SETTINGS = {
  CONSOLE_API_TOKENS: `dash:viewer:${TOKENS.viewer},bot:operator:${TOKENS.operator},ops:admin:${TOKENS.admin}`,
  INGEST_TOKENS: `prometheus:${TOKENS.prometheus}`,
};

/** Settings of a sign-in provider. */
export const SIGN_IN = {
  OIDC_ISSUER_URL: 'https://id.example.com',
  OIDC_CLIENT_ID: 'console',
  OIDC_CLIENT_SECRET: 'client-secret-of-the-console',
  OIDC_ROLE_MAP: 'ops:admin',
  SESSION_SECRET: 'a-session-secret-of-32-characters',
};

export interface Running extends FakeConsoleApi {
  url: string;
  log: () => string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Resets the fake services and replaces these. */
  change(services: Partial<ConsoleApi>): void;
  /** As after SIGHUP. */
  replaceSecrets(secrets: Partial<Config>): void;
  close(): Promise<void>;
}

interface Options {
  env?: Record<string, string>;
  config?: Partial<Config>;
  services?: Partial<ConsoleApi>;
  timeouts?: ServerTimeouts;
  /** How busy the server counts as. */
  load?: LoopLoad;
  logLevel?: string;
}

/** The real server over a fake console API, on a free port. It closes at the end of the test. */
export async function start(options: Options = {}): Promise<Running> {
  const running = await startServer(options);
  onTestFinished(running.close);
  return running;
}

/** The same; the caller closes it. */
export async function startServer(options: Options = {}): Promise<Running> {
  const fake = fakeConsoleApi(options.services);
  const settings: Config = { ...readConfig({ ...SETTINGS, ...options.env }), port: 0, ...options.config };
  const live = withLiveSecrets(settings);
  const lines: string[] = [];
  const log = pino({ level: options.logLevel ?? 'info' }, { write: (line: string) => void lines.push(line) });
  let current = fake.services;
  const services = new Proxy(current, {
    get: (_target, name) => (name === 'signIn' ? signIn : Reflect.get(current, name)),
  });
  // The server keeps `signIn` itself, so this object must follow changes too.
  const signIn =
    current.signIn && new Proxy(current.signIn, { get: (target, name) => Reflect.get(current.signIn ?? target, name) });
  const server = createHttpServer(live.config, services, log, { timeouts: options.timeouts, load: options.load });
  const { url } = await server.listen();

  const request = (path: string, init: RequestInit) => fetch(`${url}${path}`, { redirect: 'manual', ...init });
  return {
    ...fake,
    url,
    log: () => lines.join(''),
    get: (path, headers = {}) => request(path, { headers }),
    post: (path, body, headers = {}) =>
      request(path, {
        method: 'POST',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    change(overrides) {
      current = { ...fake.services, ...overrides };
    },
    replaceSecrets: (secrets) => void live.replace({ ...settings, ...secrets }),
    close: server.close,
  };
}

/** All page responses of the router, such as `GET /console/surfaces/:surface_id 200`. */
export function pageRoutes(): string[] {
  const config = readConfig({ ...SETTINGS, ...SIGN_IN });
  const app = createConsoleApp(config, fakeConsoleApi().services, pino({ level: 'silent' }));
  app.close();
  return app.endpoints.flatMap(({ method, path, answers }) =>
    Object.entries(answers).flatMap(([status, { page }]) =>
      page ? [`${method.toUpperCase()} ${path} ${status}`] : [],
    ),
  );
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
export const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
export const FORM = { ...PAGE, 'content-type': 'application/x-www-form-urlencoded' };

interface ErrorBody {
  code: string;
  message: string;
  field?: string;
  faults?: { field: string; message: string }[];
}

export async function errorOf(response: Response): Promise<ErrorBody> {
  return ((await response.json()) as { error: ErrorBody }).error;
}

/** Opens a page like a browser; returns its cookie and the token of its forms. */
export async function visit(app: Running, path: string): Promise<{ cookie: string; token: string }> {
  const page = await app.get(path, PAGE);
  const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const token = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  return { cookie, token };
}
