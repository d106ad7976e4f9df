import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './freePort.ts';

export interface AlertingPrometheus {
  /** The target of the rule answers from now on, so that its alert resolves. */
  bringTargetUp(): Promise<void>;
  stop(): Promise<void>;
}

const RULES = `groups:
  - name: targets
    rules:
      - alert: TargetDown
        expr: up{job="shop"} == 0
        labels: { severity: critical, surface: shop }
        annotations: { summary: "{{ $labels.job }} is down", runbook_url: "https://runbooks.example.com/TargetDown" }
`;

/**
 * A real Prometheus with a rule about a target that is down; needs the program `prometheus` (`apt-get install
 * prometheus`). It sends its alerts to these Alertmanagers, and repeats them each second.
 */
export async function startAlertingPrometheus(alertmanagers: readonly string[]): Promise<AlertingPrometheus> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-prometheus-'));
  const [port, targetPort] = [await freePort(), await freePort()];
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(dir, 'rules.yml')],
    alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] },
    scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [`127.0.0.1:${targetPort}`] }] }],
  };
  await writeFile(join(dir, 'rules.yml'), RULES);
  await writeFile(join(dir, 'prometheus.yml'), JSON.stringify(config));
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--rules.alert.resend-delay=1s',
    ],
    { cwd: dir, stdio: 'ignore' },
  );
  await Promise.race([
    failureOf(child),
    eventually(async () => {
      if (!(await fetch(`http://127.0.0.1:${port}/-/ready`)).ok) throw new Error('not ready');
    }),
  ]);
  const target = createServer((_, response) => response.end('answers 1\n'));
  return {
    async bringTargetUp() {
      target.listen(targetPort, '127.0.0.1');
      await once(target, 'listening');
    },
    async stop() {
      target.close();
      target.closeAllConnections();
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(dir, { recursive: true });
    },
  };
}

function failureOf(child: ChildProcess): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', () => reject(new Error('Prometheus is not installed: run apt-get install prometheus.')));
    child.once('exit', (code) => reject(new Error(`Prometheus ended with ${code}.`)));
  });
  failed.catch(() => undefined);
  return failed;
}
