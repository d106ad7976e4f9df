import net, { type AddressInfo } from 'node:net';

/** Where nothing passes any more on a connection that fell silent. */
export type Silence = 'both' | 'to_database' | 'from_database';

/** A network between a program and its database, which a test breaks without telling either of them. */
export interface TcpRelay {
  /** The database, through this network. */
  url: string;
  /** How many connections have been made so far. */
  connections(): number;
  /** The ports that the database sees as those of its clients. */
  clientPorts(): number[];
  /** Nothing passes any more on the present connections, or nothing in one direction, and nobody is told. */
  freeze(silence?: Silence): void;
  /** The same for connections that are made from now on; `false` ends it. */
  blockNew(blocked: boolean): void;
  /** The server sees its side of the present connections close; the program does not. */
  closeServerSide(): void;
  /** The program sees its side of the present connections close; the server does not. */
  closeClientSide(): void;
  /** Both sides see the connections close that fell silent. */
  dropFrozen(): void;
  /** Calls back when the program next sends a request with this text, after it was passed on. Returns how to cancel that. */
  onRequest(text: string, callback: () => void): () => void;
  /** New connections lead to this database, as after a failover. */
  leadTo(url: string): void;
  stop(): Promise<void>;
}

interface Pair {
  client: net.Socket;
  /** Null if the connection was never passed on. */
  server: net.Socket | null;
  /** Null while everything passes. */
  silence: Silence | null;
}

export async function startTcpRelay(databaseUrl: string): Promise<TcpRelay> {
  let target = new URL(databaseUrl);
  let blocked = false;
  let count = 0;
  const pairs = new Set<Pair>();
  const waiting = new Set<{ text: string; callback: () => void }>();

  const relay = net.createServer((client) => {
    count += 1;
    client.on('error', () => undefined);
    if (blocked) {
      pairs.add({ client, server: null, silence: 'both' });
      return;
    }
    const server = net.connect(Number(target.port), target.hostname);
    server.on('error', () => undefined);
    const pair: Pair = { client, server, silence: null };
    pairs.add(pair);
    client.pipe(server);
    server.pipe(client);
    client.on('data', reportRequest);
    client.on('close', () => {
      if (passes(pair, 'to_database')) server.destroy();
      if (server.destroyed) pairs.delete(pair);
    });
    server.on('close', () => {
      if (passes(pair, 'from_database')) client.destroy();
      if (client.destroyed) pairs.delete(pair);
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));

  function reportRequest(bytes: Buffer): void {
    for (const each of waiting) {
      if (!bytes.includes(each.text)) continue;
      waiting.delete(each);
      each.callback();
    }
  }

  /** The sockets are read and the bytes thrown away: a full buffer would be noticed. */
  function cut(pair: Pair, silence: Silence = 'both'): void {
    const { client, server } = pair;
    if (!server) return;
    pair.silence = pair.silence === null || pair.silence === silence ? silence : 'both';
    if (!passes(pair, 'to_database')) client.unpipe().resume();
    if (!passes(pair, 'from_database')) server.unpipe().resume();
  }

  function destroy(pair: Pair): void {
    pair.client.destroy();
    pair.server?.destroy();
    pairs.delete(pair);
  }

  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((relay.address() as AddressInfo).port);
  return {
    url: url.href,
    connections: () => count,
    clientPorts: () => [...pairs].flatMap(({ server }) => server?.localPort ?? []),
    freeze(silence) {
      for (const pair of pairs) cut(pair, silence);
    },
    blockNew(next) {
      blocked = next;
    },
    closeServerSide() {
      for (const pair of pairs) {
        cut(pair);
        pair.server?.destroy();
      }
    },
    closeClientSide() {
      for (const pair of pairs) {
        cut(pair);
        pair.client.destroy();
      }
    },
    dropFrozen() {
      for (const pair of pairs) if (pair.silence !== null) destroy(pair);
    },
    onRequest(text, callback) {
      const request = { text, callback };
      waiting.add(request);
      return () => waiting.delete(request);
    },
    leadTo(next) {
      target = new URL(next);
    },
    async stop() {
      for (const pair of pairs) destroy(pair);
      await new Promise((resolve) => relay.close(resolve));
    },
  };
}

const passes = ({ silence }: Pair, direction: Silence): boolean => silence !== 'both' && silence !== direction;
