import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Config, readConfig } from '../../src/config/config.ts';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import { createConsoleApp } from '../../src/http/koaApp.ts';
import { createHttpServer, type Patience } from '../../src/http/server.ts';
import { type Fake, fakeServices } from './fakeServices.ts';

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

/** With a sign-in provider nobody is signed in by being on this machine. */
export const SIGN_IN = {
  OIDC_ISSUER_URL: 'https://id.example.com',
  OIDC_CLIENT_ID: 'console',
  OIDC_CLIENT_SECRET: 'client-secret-of-the-console',
  OIDC_ROLE_MAP: 'ops:admin',
  SESSION_SECRET: 'a-session-secret-of-32-characters',
};

export interface Running extends Fake {
  url: string;
  log: () => string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** From now on the services answer as usual, but for these. */
  change(services: Partial<ConsoleApi>): void;
  close(): Promise<void>;
}

interface Options {
  env?: Record<string, string>;
  config?: Partial<Config>;
  services?: Partial<ConsoleApi>;
  patience?: Patience;
  logLevel?: string;
}

/** The real server on a port of its own, over services in memory; it ends with the test. */
export async function start(options: Options = {}): Promise<Running> {
  const running = await startServer(options);
  onTestFinished(running.close);
  return running;
}

/** The same, to be closed by the caller. */
export async function startServer(options: Options = {}): Promise<Running> {
  const fake = fakeServices(options.services);
  const config: Config = { ...readConfig({ ...SETTINGS, ...options.env }), port: 0, ...options.config };
  const lines: string[] = [];
  const log = pino({ level: options.logLevel ?? 'info' }, { write: (line: string) => void lines.push(line) });
  let now = fake.services;
  const asNow = new Proxy(now, { get: (_usual, name) => (name === 'signIn' ? signIn : Reflect.get(now, name)) });
  // This one is taken hold of when the server begins.
  const signIn = now.signIn && new Proxy(now.signIn, { get: (usual, name) => Reflect.get(now.signIn ?? usual, name) });
  const server = createHttpServer(config, asNow, log, options.patience);
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
    change(services) {
      now = { ...fake.services, ...services };
    },
    close: server.close,
  };
}

/** The answers that are pages, from the router itself: `GET /console/surfaces/:surface_id 200`. */
export function pageRoutes(): string[] {
  const config = readConfig({ ...SETTINGS, ...SIGN_IN });
  const app = createConsoleApp(config, fakeServices().services, pino({ level: 'silent' }));
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

export async function errorOf(response: Response): Promise<{ code: string; message: string; field?: string }> {
  const body = (await response.json()) as { error: { code: string; message: string; field?: string } };
  return body.error;
}

/** What a browser holds after it has opened a page: the cookie, and the token in the forms. */
export async function visit(app: Running, path: string): Promise<{ cookie: string; token: string }> {
  const page = await app.get(path, PAGE);
  const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const token = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  return { cookie, token };
}
