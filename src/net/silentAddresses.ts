import type http from 'node:http';
import { Socket } from 'node:net';
import type { Address, Resolve } from './resolve.ts';

/** The oldest address is dropped beyond that. */
const MAX_ADDRESSES = 5_000;

/**
 * Addresses that did not answer in time are tried last from then on, until they are connected to again. Otherwise every new
 * connection to a name with one silent address would wait for that address first.
 */
export function createSilentAddresses() {
  const silent = new Set<string>();

  const remember = (address: string): void => {
    silent.delete(address);
    silent.add(address);
    for (const oldest of [...silent].slice(0, Math.max(0, silent.size - MAX_ADDRESSES))) silent.delete(oldest);
  };

  return {
    last(resolve: Resolve): Resolve {
      const isSilent = ({ address }: Address) => Number(silent.has(address));
      return async (name) => (await resolve(name)).toSorted((a, b) => isSilent(a) - isSilent(b));
    },
    watch(agent: http.Agent): void {
      const connect = agent.createConnection.bind(agent);
      agent.createConnection = (target, callback) => {
        const socket = connect(target, callback);
        if (!(socket instanceof Socket)) return socket;
        socket.on('connectionAttemptTimeout', remember);
        return socket.once('connect', () => silent.delete(socket.remoteAddress ?? ''));
      };
    },
  };
}
