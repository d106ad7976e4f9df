import type http from 'node:http';
import type https from 'node:https';

/** How far a request came. */
export interface WireProgress {
  sent: boolean;
  /** The request went out on a connection that an earlier request had used. */
  reused: boolean;
  status: number | undefined;
}

export const nothingYet = (): WireProgress => ({ sent: false, reused: false, status: undefined });

/** Node's own HTTP client, which also records whether the request was sent and the answer started. */
export function observed(wire: typeof http | typeof https, seen: WireProgress) {
  return {
    request(options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void): http.ClientRequest {
      const request = wire.request(options, (response) => {
        seen.status = response.statusCode;
        onResponse(response);
      });
      request.once('finish', () => {
        seen.sent = true;
      });
      request.once('socket', () => {
        seen.reused = request.reusedSocket;
      });
      return request;
    },
  };
}
