import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer, Call } from './calls.ts';
import type { CallFault } from './faultMix.ts';
import { injectFault } from './injectFault.ts';

export interface ProxyOptions {
  /** Base address of the real server, on loopback. */
  target: string;
  kindOf(method: string, url: string): string;
  /** Draws the fault of a call when it arrives. */
  draw(kind: string): CallFault | null;
  /** Whether faults are enabled at this moment. */
  isFaulty(): boolean;
  /** The timeout of callers in milliseconds. */
  callerTimeoutMs: number;
  /** Draws a number from 0 to 1, for the duration of a fault. */
  roll(): number;
  /** May replace the real response before the fault; null keeps it. */
  alter?(call: Call, answer: Answer): Answer | null;
  /** Called when the real server has responded. */
  onEffect?(call: Call): void;
  /** Called when the call is over. */
  onEnd?(call: Call): void;
}

/** The number of calls, of calls while faults were enabled, and of calls with a fault. */
export interface Calls {
  all: number;
  duringFaults: number;
  faulted: number;
}

export interface FaultProxy {
  url: string;
  /** By kind. */
  calls: Map<string, Calls>;
  faults: Map<CallFault, number>;
  stop(): Promise<void>;
}

/** An HTTP proxy on loopback that injects faults into calls. */
export async function startFaultProxy(options: ProxyOptions): Promise<FaultProxy> {
  const calls: FaultProxy['calls'] = new Map();
  const faults: FaultProxy['faults'] = new Map();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = 'GET', url = '/', headers } = request;
    const kind = options.kindOf(method, url);
    const fault = options.draw(kind);
    const body = Buffer.concat(chunks).toString('utf8');
    const call: Call = {
      method,
      url,
      headers,
      body,
      receivedAt: Date.now(),
      kind,
      fault,
      effectAt: null,
      answer: null,
      failure: null,
      delivered: false,
    };
    const count = calls.get(kind) ?? { all: 0, duringFaults: 0, faulted: 0 };
    count.all += 1;
    if (options.isFaulty()) count.duringFaults += 1;
    if (fault) count.faulted += 1;
    calls.set(kind, count);
    if (fault) faults.set(fault, (faults.get(fault) ?? 0) + 1);
    try {
      await injectFault(call, response, {
        callerTimeoutMs: options.callerTimeoutMs,
        roll: options.roll,
        forward: async () => {
          const answer = await forward(options.target, agent, call).catch((error: NodeJS.ErrnoException) => {
            call.failure = error.code ?? error.message;
            throw error;
          });
          call.effectAt = Date.now();
          call.answer = options.alter?.(call, answer) ?? answer;
          options.onEffect?.(call);
          return call.answer;
        },
      });
    } finally {
      options.onEnd?.(call);
    }
  }

  const server = http.createServer((request, response) => {
    // The caller was killed during its request.
    handle(request, response).catch(() => response.destroy());
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    faults,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

/** Forwards a call to the real server and reads its whole response. */
function forward(target: string, agent: http.Agent, { method, url, headers, body }: Call): Promise<Answer> {
  const { host: _host, connection: _connection, 'transfer-encoding': _encoding, ...rest } = headers;
  const sent = { ...rest, 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const request = http.request(`${target}${url}`, { method, agent, headers: sent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}
