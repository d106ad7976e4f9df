import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './freePort.ts';

const NOBODY = 65_534;

/**
 * A PgBouncer before the database; needs the program `pgbouncer` (`apt-get install pgbouncer`).
 * `ignored`: startup parameters that it ignores instead of refusing the connection.
 */
export async function startPgBouncer(
  databaseUrl: string,
  ignored: string,
  mode: 'transaction' | 'session' = 'transaction',
) {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-pgbouncer-'));
  await chmod(dir, 0o755);
  const listenPort = await freePort();
  const file = join(dir, 'pgbouncer.ini');
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = 100
max_client_conn = 200
ignore_startup_parameters = ${ignored}
`,
  );
  // It refuses to run as root.
  const account = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  // Debian installs it outside the PATH of ordinary users.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const child = spawn('pgbouncer', [file], { ...account, env, cwd: dir, stdio: 'ignore' });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', () => reject(new Error('PgBouncer is not installed: run apt-get install pgbouncer.')));
  });
  failed.catch(() => undefined);
  await Promise.race([failed, eventually(() => accepts(listenPort))]);
  return {
    url: `postgres://anybody@127.0.0.1:${listenPort}${pathname}`,
    async stop(): Promise<void> {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await rm(dir, { recursive: true });
    },
  };
}

const accepts = (port: number) =>
  new Promise<void>((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });
