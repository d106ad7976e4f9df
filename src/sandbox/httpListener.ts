import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { explainListenError } from '../lib/listenError.ts';

/** The two log levels that a sandbox uses; a pino logger fits. */
export interface SandboxLog {
  debug(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface Listening {
  /** Base URL without a trailing slash, e.g. `http://127.0.0.1:41234`. */
  url: string;
  port: number;
  /** Closes every connection, hanging ones included. */
  stop(): Promise<void>;
}

/** Serves on loopback only; port 0 takes any free port. Rejects when the port is in use. */
export async function listen(handler: RequestListener, port: number): Promise<Listening> {
  const server = createServer(handler);
  // A fault may leave a request without a response for as long as the client waits.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(explainListenError(error, { host: '127.0.0.1', port }));
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
