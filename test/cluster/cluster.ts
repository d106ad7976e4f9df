import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { chooseAccount, giveTo } from '../../src/sandbox/postgres/account.ts';
import { freePort } from '../support/freePort.ts';
import { createChildren } from './children.ts';
import { type Node, startNode } from './node.ts';

/** etcd, two Postgres servers under Patroni in synchronous mode, and HAProxy in front of them, all on loopback. */
export interface Cluster {
  /** Of HAProxy, which leads to the primary. Carries the password. */
  url: string;
  nodes: readonly Node[];
  primary(): Promise<Node>;
  /** Resolves when another node than this one is the primary. */
  untilReplaced(node: Node): Promise<void>;
  /** Resolves when one node is the primary and the other one is its synchronous standby. */
  untilComplete(): Promise<void>;
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

const COMPLETE_MS = 300_000;
const POSTGRES = '/usr/lib/postgresql';

export async function startCluster(dir: string, { watchdog }: { watchdog: boolean }): Promise<Cluster> {
  const account = chooseAccount(join(dir, 'none'));
  const children = createChildren(account, dir);
  const nodes: Node[] = [];
  const stop = async () => {
    await children.stop();
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    const etcdUrl = await startEtcd();
    const passwords = { superuser: randomBytes(18).toString('hex'), replication: randomBytes(18).toString('hex') };
    for (const name of ['a', 'b'])
      nodes.push(
        await startNode({ name, dir, account, children, etcdUrl, passwords, binDir: postgresPrograms(), watchdog }),
      );
    const port = await startHaproxy();
    const url = `postgres://postgres:${passwords.superuser}@127.0.0.1:${port}/postgres`;
    const cluster = clusterOf(url, nodes, stop);
    await cluster.untilComplete();
    return cluster;
  } catch (error) {
    await stop();
    throw error;
  }

  async function folder(name: string): Promise<string> {
    const path = join(dir, name);
    await mkdir(path, { mode: 0o700 });
    await giveTo(account, path);
    return path;
  }

  async function startEtcd(): Promise<string> {
    const home = await folder('etcd');
    const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
    const options = {
      'data-dir': join(home, 'data'),
      'listen-client-urls': client,
      'advertise-client-urls': client,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `default=${peer}`,
    };
    children.start(
      'etcd',
      'etcd',
      Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      home,
    );
    return client;
  }

  async function startHaproxy(): Promise<number> {
    const home = await folder('haproxy');
    const port = await freePort();
    const file = join(home, 'haproxy.cfg');
    const servers = nodes.map(
      ({ name, postgresPort, apiPort }) => `  server ${name} 127.0.0.1:${postgresPort} check port ${apiPort}`,
    );
    await writeFile(file, `${haproxySettings(port)}${servers.join('\n')}\n`);
    await giveTo(account, file);
    children.start('haproxy', 'haproxy', ['-db', '-f', file], home);
    return port;
  }
}

/** As in docs/operating.md. */
const haproxySettings = (port: number): string => `
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout check 2s
listen primary
  bind 127.0.0.1:${port}
  option httpchk GET /primary
  http-check expect status 200
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
`;

/** The newest installed version. */
function postgresPrograms(): string {
  const versions = existsSync(POSTGRES)
    ? readdirSync(POSTGRES)
        .map(Number)
        .sort((a, b) => b - a)
    : [];
  const found = versions
    .map((version) => join(POSTGRES, String(version), 'bin'))
    .find((bin) => existsSync(join(bin, 'postgres')));
  if (!found) throw new Error('There is no Postgres server: run apt-get install postgresql.');
  return found;
}

function clusterOf(url: string, nodes: readonly Node[], stop: () => Promise<void>): Cluster {
  async function rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 10_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  async function until(what: string, reached: () => Promise<boolean>): Promise<void> {
    for (const giveUp = Date.now() + COMPLETE_MS; Date.now() < giveUp; await sleep(200)) if (await reached()) return;
    throw new Error(`${what} within ${COMPLETE_MS / 1000} s`);
  }
  return {
    url,
    nodes,
    rows,
    stop,
    async primary() {
      let found: Node | undefined;
      await until('no node became the primary', async () => {
        const are = await Promise.all(nodes.map((node) => node.isPrimary()));
        found = are.filter(Boolean).length === 1 ? nodes[are.indexOf(true)] : undefined;
        return found !== undefined;
      });
      return found as Node;
    },
    untilReplaced: (node) =>
      until(`no node took over from ${node.name}`, async () => {
        const others = nodes.filter((other) => other !== node);
        return (await Promise.all(others.map((other) => other.isPrimary()))).includes(true);
      }),
    untilComplete: () =>
      until('the cluster had no synchronous standby', async () => {
        const standbys = await rows(
          "select from pg_stat_replication where sync_state = 'sync' and state = 'streaming'",
        ).catch(() => []);
        return standbys.length === 1;
      }),
  };
}
