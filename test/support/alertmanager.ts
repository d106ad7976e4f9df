import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './freePort.ts';

const READY_EVERY_MS = 50;

export interface Alertmanager {
  /** Host and port to which alerts are sent. */
  address: string;
  /** Of its cluster. */
  peer: string;
  pid(): number;
  /** Takes alerts as Prometheus sends them. */
  post(alerts: readonly object[]): Promise<void>;
  /** How many alerts it has whose label has a value that begins so. */
  count(label: string, prefix: string): Promise<number>;
  /** How many requests of its notifications failed, since its start. */
  failures(): Promise<number>;
  /** How many requests of its notifications were answered well, since its start. */
  deliveries(): Promise<number>;
  /** Kills it, and starts it again with the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** So that tests do not wait. */
const QUICK = { group_wait: '100ms', group_interval: '1s', repeat_interval: '2s' };

/**
 * A real Alertmanager; needs the program `prometheus-alertmanager` (`apt-get install prometheus-alertmanager`).
 * `receiver`: the part `receivers` of its configuration. With a `peer`, both deliver every group.
 */
export async function startAlertmanager(receiver: string, peer?: string, terms: object = QUICK): Promise<Alertmanager> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-alertmanager-'));
  const [port, clusterPort] = [await freePort(), await freePort()];
  const file = join(dir, 'alertmanager.yml');
  const route = { receiver: 'auto-ticketing', ...terms };
  await writeFile(file, `${receiver}route: ${JSON.stringify(route)}\n`);
  const flags = [
    `--config.file=${file}`,
    `--storage.path=${dir}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--cluster.listen-address=127.0.0.1:${clusterPort}`,
    `--cluster.advertise-address=127.0.0.1:${clusterPort}`,
    // The second of a pair does not wait whether the first delivers.
    '--cluster.peer-timeout=1ms',
    '--cluster.settle-timeout=1s',
    ...(peer === undefined ? [] : [`--cluster.peer=${peer}`]),
  ];
  const url = `http://127.0.0.1:${port}`;

  async function start(): Promise<ChildProcess> {
    const child = spawn('prometheus-alertmanager', flags, { cwd: dir, stdio: 'ignore' });
    const failed = new Promise<never>((_, reject) => {
      child.once('error', () =>
        reject(new Error('Alertmanager is not installed: run apt-get install prometheus-alertmanager.')),
      );
      child.once('exit', (code) => reject(new Error(`Alertmanager ended with ${code}.`)));
    });
    failed.catch(() => undefined);
    // Without the test runner, because the benchmarks use this too.
    const ready = async () => {
      const answer = await fetch(`${url}/-/ready`).catch(() => null);
      return answer?.ok === true;
    };
    while (!(await Promise.race([failed, ready()]))) await Promise.race([failed, sleep(READY_EVERY_MS)]);
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  const metrics = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
  const failed = (text: string): number => webhookCounter(text, 'alertmanager_notification_requests_failed_total');

  let child = await start();
  return {
    address: `127.0.0.1:${port}`,
    peer: `127.0.0.1:${clusterPort}`,
    pid: () => child.pid ?? 0,
    async post(alerts) {
      const body = JSON.stringify(alerts);
      const headers = { 'content-type': 'application/json' };
      const { ok, status } = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body });
      if (!ok) throw new Error(`Alertmanager answered ${status}`);
    },
    async count(label, prefix) {
      const query = new URLSearchParams({ filter: `${label}=~"${prefix}.*"` });
      const answer = await fetch(`${url}/api/v2/alerts?${query}`);
      return ((await answer.json()) as unknown[]).length;
    },
    async failures() {
      return failed(await metrics());
    },
    // Not `alertmanager_notifications_total`, which also counts what could not be delivered.
    async deliveries() {
      const text = await metrics();
      return webhookCounter(text, 'alertmanager_notification_requests_total') - failed(text);
    },
    async restart() {
      await kill(child);
      child = await start();
    },
    async stop() {
      await kill(child);
      await rm(dir, { recursive: true });
    },
  };
}

/** Its value in the text of the metrics. */
function webhookCounter(text: string, name: string): number {
  const counts = text.matchAll(new RegExp(`^${name}\\{integration="webhook"\\} (\\d+)`, 'gm'));
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}
