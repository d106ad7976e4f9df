import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './freePort.ts';

export interface QueryResult {
  metric: Record<string, string>;
  value: [number, string];
}

export interface Prometheus {
  query(expr: string): Promise<QueryResult[]>;
  get<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

/** A real Prometheus (`apt-get install prometheus`) that scrapes this address each second as the job auto-ticketing. */
export async function startPrometheus(target: string, rules: string): Promise<Prometheus> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-prometheus-'));
  const port = await freePort();
  const scrape = { job_name: 'auto-ticketing', static_configs: [{ targets: [new URL(target).host] }] };
  const global = { scrape_interval: '1s', evaluation_interval: '1s' };
  await writeFile(join(dir, 'config.yml'), JSON.stringify({ global, rule_files: [rules], scrape_configs: [scrape] }));
  const flags = [
    `--config.file=${join(dir, 'config.yml')}`,
    `--storage.tsdb.path=${dir}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn('prometheus', flags, { cwd: dir, stdio: 'ignore' });

  async function get<T>(path: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  }
  await Promise.race([ended(child), eventually(() => get('status/buildinfo'))]);
  return {
    get,
    query: async (expr) => (await get<{ result: QueryResult[] }>(`query?query=${encodeURIComponent(expr)}`)).result,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(dir, { recursive: true });
    },
  };
}

function ended(child: ChildProcess): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', () => reject(new Error('Prometheus is not installed: run apt-get install prometheus.')));
    child.once('exit', (code) => reject(new Error(`Prometheus ended with ${code}.`)));
  });
  failed.catch(() => undefined);
  return failed;
}
