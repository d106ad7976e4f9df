import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { isLoopback } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import { explainListenError } from '../lib/listenError.ts';
import { createLoopDelay, type LoopDelay } from '../lib/loopDelay.ts';
import type { LoopLoad } from '../lib/loopLoad.ts';
import type { ConsoleApi } from './consoleApi.ts';
import { createConsoleApp, createHealthApp, type HealthApi, type HttpApp } from './koaApp.ts';
import { createQueuedResponses } from './queuedResponses.ts';

export interface HttpServer {
  /** Resolves once it accepts connections; rejects if it cannot listen on the address. */
  listen(): Promise<{ url: string; port: number }>;
  /** Accepts no new connection, lets open requests finish for a while, then closes the rest. */
  close(): Promise<void>;
  callback: RequestListener;
}

/**
 * How long a client may take to send its headers and its whole request, not counting the time in which this process stood
 * still, and how long open requests get on shutdown.
 */
export interface ServerTimeouts {
  headersMs: number;
  requestMs: number;
  checkEveryMs: number;
  closeMs: number;
}

const TIMEOUTS: ServerTimeouts = { headersMs: 10_000, requestMs: 20_000, checkEveryMs: 2_000, closeMs: 4_000 };
/** Longer than the keep-alive of common proxies, so that a proxy never writes to a connection that is being closed. */
const KEEP_ALIVE_MS = 95_000;

/**
 * Connections that wait while the event loop is busy; the system may allow fewer. Beyond that, a sender tries again only
 * after a second, and then after two more. The default of Node.js is 511.
 */
const BACKLOG = 4_096;

/**
 * The console over HTTP. Without a sign-in provider every caller is the local developer, so it throws unless HOST is a
 * loopback address.
 */
export function createHttpServer(
  config: Config,
  services: ConsoleApi,
  log: Logger,
  { timeouts = TIMEOUTS, load }: { timeouts?: ServerTimeouts | undefined; load?: LoopLoad | undefined } = {},
): HttpServer {
  if (config.oidc === null && !isLoopback(config.host)) {
    throw new Error(`Without OIDC settings HOST must be a loopback address; it is ${config.host}.`);
  }
  return serve(config, createConsoleApp(config, services, log, load), timeouts);
}

/** Health, readiness and metrics over HTTP, for a process without a console. */
export function createHealthServer(config: Config, services: HealthApi, log: Logger): HttpServer {
  return serve(config, createHealthApp(config, services, log), TIMEOUTS);
}

function serve({ host, port }: Pick<Config, 'host' | 'port'>, app: HttpApp, timeouts: ServerTimeouts): HttpServer {
  const options = { connectionsCheckingInterval: timeouts.checkEveryMs, keepAliveTimeout: KEEP_ALIVE_MS };
  const watchQueued = createQueuedResponses();
  const server = createServer(options, (request, response) => {
    watchQueued(request, response);
    // While closing, a connection must not stay open after its response.
    response.once('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    app.callback(request, response);
  });
  const delay = createLoopDelay(timeouts.checkEveryMs / 4);
  limitClients(server, timeouts, delay);

  return {
    callback: app.callback,
    async listen() {
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error) => reject(explainListenError(error, { host, port })));
        server.listen({ port, host, backlog: BACKLOG }, resolve);
      });
      const { port: actualPort } = server.address() as AddressInfo;
      return { url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`, port: actualPort };
    },
    async close() {
      app.close();
      delay.stop();
      if (!server.listening) return;
      const closeRest = setTimeout(() => server.closeAllConnections(), timeouts.closeMs);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearTimeout(closeRest);
    },
  };
}

/**
 * Node.js reads both limits at each check. After the process stood still, the check comes before the bytes that have arrived
 * meanwhile are read: with fixed limits, clients that have sent everything get 408, after which many do not try again.
 */
function limitClients(server: Server, { headersMs, requestMs }: ServerTimeouts, delay: LoopDelay): void {
  Object.defineProperties(server, {
    headersTimeout: { get: () => headersMs + delay.within(headersMs) },
    requestTimeout: { get: () => requestMs + delay.within(requestMs) },
  });
}
