import type http from 'node:http';
import type { Socket } from 'node:net';

/** What the agents of both kinds of proxy have in common. */
interface ProxyAgent<Target> {
  /** The options of the connection to the proxy. */
  connectOpts: object;
  connect(request: http.ClientRequest, target: Target): Promise<Socket>;
}

/**
 * Makes an agent close its connection to the proxy when the request is destroyed. Until the proxy has answered, that
 * connection does not belong to the request yet, so it would stay open for as long as the proxy is silent.
 */
export function endWithRequest<Target>(agent: ProxyAgent<Target>): void {
  const { connect } = agent;
  agent.connect = (request, target) =>
    untilDestroyed(request, (signal) => {
      const options = { ...agent.connectOpts, signal };
      // The agent for this one connection.
      return connect.call(Object.create(agent, { connectOpts: { value: options } }), request, target);
    });
}

/** A request without a connection emits nothing when it is destroyed. */
async function untilDestroyed(
  request: http.ClientRequest,
  connect: (signal: AbortSignal) => Promise<Socket>,
): Promise<Socket> {
  if (request.destroyed) throw new Error('the request was cancelled');
  const ended = new AbortController();
  const { destroy } = request;
  let isConnected = false;
  request.once('proxyConnect', () => {
    isConnected = true;
  });
  request.destroy = (error) => {
    // An answer of the proxy that has arrived is processed first. After it, nobody listens for errors of the connection, and
    // an abort would end the process.
    setImmediate(() => {
      if (!isConnected) ended.abort(error);
    });
    return destroy.call(request, error);
  };
  try {
    return await connect(ended.signal);
  } finally {
    request.destroy = destroy;
  }
}
