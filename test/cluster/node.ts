import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, giveTo } from '../../src/sandbox/postgres/account.ts';
import { freePort } from '../support/freePort.ts';
import { startTcpRelay, type TcpRelay } from '../support/tcpRelay.ts';
import { type Children, familyOf, signal } from './children.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** One Postgres server under Patroni, on a host of its own: all its connections pass through relays. */
export interface Node {
  name: string;
  /** The port of Postgres and of Patroni's API, as other hosts reach them. */
  postgresPort: number;
  apiPort: number;
  isPrimary(): Promise<boolean>;
  /** The host loses its power: Patroni and Postgres end at once. */
  kill(): void;
  /** The host stands still. */
  pause(): void;
  /** Patroni stands still, and Postgres goes on. */
  hang(): void;
  /** Nothing passes between this host and any other. */
  cutOff(): void;
  /** Undoes whichever of them happened; a host that was reset or without power starts. */
  restore(): void;
  /** How often its watchdog reset it. */
  resets(): number;
  stop(): Promise<void>;
}

export interface NodeOptions {
  name: string;
  dir: string;
  account: Account;
  children: Children;
  etcdUrl: string;
  binDir: string;
  passwords: { superuser: string; replication: string };
  /** False: the host has no watchdog. */
  watchdog: boolean;
}

/** What Patroni recommends, but shorter: a primary that is not heard of for 20 s is replaced. */
const TTL_S = 20;
/** So long before the end of its lease the watchdog resets a primary that did not renew it. */
const SAFETY_MARGIN_S = 5;

export async function startNode(options: NodeOptions): Promise<Node> {
  const { name, dir, account, children } = options;
  const home = join(dir, name);
  await mkdir(home, { mode: 0o700 });
  await giveTo(account, home);
  const ports = { postgres: await freePort(), api: await freePort() };
  const etcd = await startTcpRelay(options.etcdUrl);
  const postgres = await startTcpRelay(`http://127.0.0.1:${ports.postgres}/`);
  const api = await startTcpRelay(`http://127.0.0.1:${ports.api}/`);
  const links: TcpRelay[] = [etcd, postgres, api];
  const outside = { postgres: portOf(postgres), api: portOf(api), etcd: portOf(etcd) };
  const state = { killed: false };
  const watchdog = options.watchdog
    ? await startWatchdog(join(home, 'watchdog'), account, () => {
        for (const pid of all()) signal(pid, 'SIGKILL');
        state.killed = true;
      })
    : null;
  const file = join(home, 'patroni.json');
  const settings = patroniSettings(options, home, { ports, outside, watchdog });
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 });
  await giveTo(account, file);

  const postmaster = (): number | null => {
    const pidFile = join(home, 'data', 'postmaster.pid');
    const pid = existsSync(pidFile) ? Number.parseInt(readFileSync(pidFile, 'utf8'), 10) : null;
    return pid !== null && existsSync(`/proc/${pid}`) ? pid : null;
  };
  children.adopt(postmaster);
  const start = () => children.start(name, 'patroni', [file], home);
  let patroni = start();
  function all(): number[] {
    return [...familyOf(patroni.pid ?? null), ...familyOf(postmaster())];
  }

  return {
    name,
    postgresPort: outside.postgres,
    apiPort: outside.api,
    async isPrimary() {
      const response = await fetch(`http://127.0.0.1:${ports.api}/primary`, {
        signal: AbortSignal.timeout(2_000),
      }).catch(() => null);
      await response?.body?.cancel();
      return response?.status === 200;
    },
    kill() {
      watchdog?.disarm();
      state.killed = true;
      for (const pid of all()) signal(pid, 'SIGKILL');
    },
    pause() {
      for (const pid of all()) signal(pid, 'SIGSTOP');
    },
    hang: () => signal(patroni.pid, 'SIGSTOP'),
    cutOff() {
      for (const link of links) {
        link.blockNew(true);
        link.freeze();
      }
    },
    restore() {
      for (const pid of all()) signal(pid, 'SIGCONT');
      for (const link of links) {
        link.blockNew(false);
        link.dropFrozen();
      }
      if (state.killed) patroni = start();
      state.killed = false;
    },
    resets: () => watchdog?.resets() ?? 0,
    async stop() {
      watchdog?.stop();
      await Promise.all(links.map((link) => link.stop()));
    },
  };
}

/** The ports on the host itself and as others reach it, and its watchdog. */
interface Surroundings {
  ports: { postgres: number; api: number };
  outside: { postgres: number; api: number; etcd: number };
  watchdog: Watchdog | null;
}

const portOf = ({ url }: TcpRelay): number => Number(new URL(url).port);

/** JSON is YAML, which Patroni reads. */
function patroniSettings(
  { name, binDir, passwords }: NodeOptions,
  home: string,
  { ports, outside, watchdog }: Surroundings,
): object {
  return {
    scope: 'auto-ticketing',
    name,
    restapi: { listen: `127.0.0.1:${ports.api}`, connect_address: `127.0.0.1:${outside.api}` },
    // Else Patroni would ask etcd for its own address, and go there past the relay.
    etcd3: { hosts: [`127.0.0.1:${outside.etcd}`], use_proxies: true },
    bootstrap: {
      dcs: {
        ttl: TTL_S,
        loop_wait: 5,
        retry_timeout: 5,
        synchronous_mode: true,
        postgresql: {
          use_pg_rewind: true,
          use_slots: true,
          parameters: { max_connections: 200, wal_keep_size: '512MB', wal_log_hints: 'on' },
        },
      },
      initdb: [{ encoding: 'UTF8' }, 'no-locale', { 'auth-host': 'scram-sha-256' }],
    },
    // As in docs/operating.md, where a device of the kernel takes the place of this driver.
    watchdog: watchdog
      ? { mode: 'required', driver: 'testing', device: watchdog.device, safety_margin: SAFETY_MARGIN_S }
      : { mode: 'off' },
    postgresql: {
      listen: `127.0.0.1:${ports.postgres}`,
      connect_address: `127.0.0.1:${outside.postgres}`,
      data_dir: join(home, 'data'),
      bin_dir: binDir,
      pgpass: join(home, 'pgpass'),
      authentication: {
        superuser: { username: 'postgres', password: passwords.superuser },
        replication: { username: 'replicator', password: passwords.replication },
      },
      pg_hba: [
        'local all all trust',
        'host all all 127.0.0.1/32 scram-sha-256',
        'host replication replicator 127.0.0.1/32 scram-sha-256',
      ],
      parameters: { unix_socket_directories: home },
    },
  };
}
