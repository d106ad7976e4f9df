import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { ConsoleApi } from './consoleApi.ts';
import { createConsoleApp, createHealthApp, type HttpApp } from './koaApp.ts';
import { isLoopback } from './middleware/hostCheck.ts';

export interface HttpServer {
  /** Resolves once connections are taken; rejects where the address cannot be had. */
  listen(): Promise<{ url: string; port: number }>;
  /** Takes no new connection, lets answers under way finish for a while, then cuts what is left. */
  close(): Promise<void>;
  callback: RequestListener;
}

/** How long a client may take to send its headers and its whole request, and how long an answer may take on shutdown. */
export interface Patience {
  headersMs: number;
  requestMs: number;
  checkEveryMs: number;
  closeMs: number;
}

const PATIENCE: Patience = { headersMs: 10_000, requestMs: 20_000, checkEveryMs: 2_000, closeMs: 4_000 };
/** Longer than the proxies before us keep theirs, so that none sends into a connection that is just being closed. */
const KEEP_ALIVE_MS = 95_000;

/**
 * The console over HTTP. Throws where it would let anyone in: without a sign-in provider everybody who
 * reaches it is the local developer, so it must be reachable from this machine only.
 */
export function createHttpServer(config: Config, services: ConsoleApi, log: Logger, patience = PATIENCE): HttpServer {
  if (config.oidc === null && !isLoopback(config.host)) {
    throw new Error(`Without OIDC settings the console serves on a loopback HOST only, not on ${config.host}.`);
  }
  return serve(config, createConsoleApp(config, services, log), patience);
}

/** Health, readiness and metrics over HTTP, for a process that has no console. */
export function createHealthServer(
  config: Config,
  services: Pick<ConsoleApi, 'readiness' | 'metrics'>,
  log: Logger,
): HttpServer {
  return serve(config, createHealthApp(config, services, log), PATIENCE);
}

function serve({ host, port }: Pick<Config, 'host' | 'port'>, app: HttpApp, patience: Patience): HttpServer {
  const options = {
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    connectionsCheckingInterval: patience.checkEveryMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server = createServer(options, (request, response) => {
    // Once closing, a connection has no reason to stay open after its answer.
    response.once('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    app.callback(request, response);
  });

  return {
    callback: app.callback,
    async listen() {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      const { port: taken } = server.address() as AddressInfo;
      return { url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`, port: taken };
    },
    async close() {
      app.close();
      if (!server.listening) return;
      const cut = setTimeout(() => server.closeAllConnections(), patience.closeMs);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearTimeout(cut);
    },
  };
}
