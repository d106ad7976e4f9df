import http from 'node:http';
import net from 'node:net';
import { type Answers, startNameServer } from '../support/nameServer.ts';
import { count, type Ledger } from './ledger.ts';
import type { NameFault } from './planFaults.ts';

/** The names under which the program reaches FreeScout and Slack, their name server, and its faults. */
export interface Names {
  /** Of the name server, for DNS_SERVERS. */
  server: string;
  /** The address of a server on loopback, with a name in place of its IP address. */
  named(host: Host, url: string): string;
  /** The name gets wrong, late or no answers until then. */
  break(on: number, what: NameFault, until: Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
}

const HOSTS = { freescout: 'tickets.faults.test', slack: 'slack.faults.test' } as const;
type Host = keyof typeof HOSTS;

const HERE = '127.0.0.1';
/** On loopback too, but other servers or none listen there. */
const STRANGER = '127.0.0.66';
const NOBODY = '127.0.0.67';
/** An answer is kept for one second, so that faults take effect soon. */
const TTL = 1;
const RIGHT: Answers = { a: [HERE], ttl: TTL };
/** Longer than c-ares waits at first, and less than callers wait. */
const LATE_MS = 1_300;

const ANSWERS: Record<NameFault, Answers> = {
  name_silent: 'silent',
  name_failing: 'SERVFAIL',
  name_late: { ...RIGHT, lateMs: LATE_MS },
  name_wrong: { a: [STRANGER], ttl: TTL },
  name_half_silent: { ...RIGHT, silentTypes: ['aaaa'] },
  name_first_address_dead: { a: [NOBODY, HERE], ttl: TTL },
  name_ipv4_dead: { a: [NOBODY], aaaa: ['::1'], ttl: TTL },
};

const PAGE =
  '<!doctype html><html lang="en"><head><title>Parked</title></head><body>This name is for sale.</body></html>';

export async function startNames(ledger: Ledger): Promise<Names> {
  const server = await startNameServer(Object.fromEntries(Object.values(HOSTS).map((name) => [name, RIGHT])));
  const servers: (net.Server | http.Server)[] = [];

  /** A web site of somebody else on the same port, and the same server under its IPv6 address. */
  async function surround(port: number): Promise<void> {
    const stranger = http.createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
    });
    const sockets = new Set<net.Socket>();
    const ipv6 = net.createServer((client) => {
      const target = net.connect(port, HERE);
      for (const socket of [client, target]) {
        sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      }
      client.pipe(target).pipe(client);
    });
    ipv6.on('close', () => sockets.clear());
    await listen(stranger, port, STRANGER);
    await listen(ipv6, port, '::1');
    servers.push(stranger, ipv6);
    ends.push(() => {
      stranger.closeAllConnections();
      for (const socket of sockets) socket.destroy();
    });
  }
  const ends: (() => void)[] = [];
  const surrounded: Promise<void>[] = [];

  return {
    server: server.address,
    named(host, url) {
      const address = new URL(url);
      surrounded.push(surround(Number(address.port)));
      return `http://${HOSTS[host]}:${address.port}`;
    },
    async break(on, what, until) {
      await Promise.all(surrounded);
      const names = Object.values(HOSTS);
      const name = names[on % names.length] as string;
      count(ledger.counts, `fault: ${what}`);
      const answers = ANSWERS[what];
      server.zone[name] = answers;
      await until;
      // Another fault of this name may have begun meanwhile.
      if (server.zone[name] === answers) server.zone[name] = RIGHT;
    },
    async stop() {
      await Promise.all(surrounded);
      for (const end of ends) end();
      await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
      await server.close();
    },
  };
}

const listen = (server: net.Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
