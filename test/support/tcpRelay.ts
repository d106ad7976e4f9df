import net, { type AddressInfo } from 'node:net';

/** A network between a program and its database, which a test breaks without telling either of them. */
export interface TcpRelay {
  /** The database, through this network. */
  url: string;
  /** How many connections have been made so far. */
  connections(): number;
  /** Nothing passes any more on the present connections, and nobody is told. */
  freeze(): void;
  /** The same for connections that are made from now on; `false` ends it. */
  blockNew(blocked: boolean): void;
  /** The server sees its side of the present connections close; the program does not. */
  closeServerSide(): void;
  /** New connections lead to this database, as after a failover. */
  leadTo(url: string): void;
  stop(): Promise<void>;
}

export async function startTcpRelay(databaseUrl: string): Promise<TcpRelay> {
  let target = new URL(databaseUrl);
  let blocked = false;
  let count = 0;
  const pairs: { client: net.Socket; server: net.Socket | null }[] = [];

  const relay = net.createServer((client) => {
    count += 1;
    client.on('error', () => undefined);
    if (blocked) {
      pairs.push({ client, server: null });
      return;
    }
    const server = net.connect(Number(target.port), target.hostname);
    server.on('error', () => undefined);
    client.pipe(server);
    server.pipe(client);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    pairs.push({ client, server });
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));

  function cut({ client, server }: (typeof pairs)[number]): void {
    if (!server) return;
    client.unpipe();
    server.unpipe();
    for (const socket of [client, server]) {
      socket.removeAllListeners('close');
      // Read and thrown away: a full buffer would be noticed.
      socket.resume();
    }
  }

  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((relay.address() as AddressInfo).port);
  return {
    url: url.href,
    connections: () => count,
    freeze: () => pairs.forEach(cut),
    blockNew(next) {
      blocked = next;
    },
    closeServerSide() {
      for (const pair of pairs) {
        cut(pair);
        pair.server?.destroy();
      }
    },
    leadTo(next) {
      target = new URL(next);
    },
    async stop() {
      for (const { client, server } of pairs) {
        client.destroy();
        server?.destroy();
      }
      await new Promise((resolve) => relay.close(resolve));
    },
  };
}
