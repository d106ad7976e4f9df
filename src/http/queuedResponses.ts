import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Ends the responses of requests that a client sent on one connection without waiting for the earlier answers, when that
 * connection ends before their turn. Node.js never closes these, so that whatever waits for their end would do so for ever.
 */
export function createQueuedResponses(): (request: IncomingMessage, response: ServerResponse) => void {
  const queued = new WeakMap<Socket, Set<ServerResponse>>();

  function ofConnection(socket: Socket): Set<ServerResponse> {
    const responses = queued.get(socket) ?? new Set();
    if (!queued.has(socket)) {
      queued.set(socket, responses);
      socket.once('close', () => {
        for (const response of responses) if (response.socket === null) end(response);
      });
    }
    return responses;
  }

  return ({ socket }, response) => {
    if (response.socket !== null) return;
    const responses = ofConnection(socket);
    responses.add(response);
    response.once('close', () => responses.delete(response));
  };
}

function end(response: ServerResponse): void {
  response.destroy();
  response.emit('close');
}
