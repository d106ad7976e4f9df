import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { type Program, startProgram } from '../support/startProgram.ts';

/** The Prometheus rules and the Grafana dashboard in docs/ops, against a real Prometheus that scrapes a real worker. */

const folder = join(packageRoot, 'docs/ops');
const rules = join(folder, 'prometheus/rules.yml');
const run = promisify(execFile);

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[];
}
const dashboard = JSON.parse(readFileSync(join(folder, 'grafana/dashboard.json'), 'utf8')) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));

/** A dead man's switch. */
const pings: string[] = [];
const heartbeats = createServer((request, response) => {
  pings.push(request.url ?? '');
  response.end();
});

let database: TestDatabase;
let worker: Program;
let prometheus: Prometheus;
beforeAll(async () => {
  database = await createTestDatabase();
  await new Promise<void>((listening) => void heartbeats.listen(0, '127.0.0.1', listening));
  worker = await startProgram(['worker'], {
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://console.example.com',
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    HEARTBEAT_URL: `http://127.0.0.1:${(heartbeats.address() as AddressInfo).port}/ping/worker`,
  });
  prometheus = await startPrometheus(worker.url, rules);
  const scrapes = 'count_over_time(auto_ticketing_database_up[1m]) > 2';
  await eventually(async () => expect(await prometheus.query(scrapes)).toHaveLength(1));
});
afterAll(async () => {
  await prometheus.stop();
  await worker.kill();
  heartbeats.close();
  await database.drop();
});

it("a worker reports to the dead man's switch of its settings by itself", async () => {
  await eventually(() => expect(pings).toContain('/ping/worker'));
});

it('the rules are valid and pass their unit tests', async () => {
  const test = join(folder, 'prometheus/rules.test.yml');
  expect((await run('promtool', ['check', 'rules', rules])).stdout).toContain('SUCCESS');
  expect((await run('promtool', ['test', 'rules', test])).stdout).toContain('SUCCESS');
  const alerts = readFileSync(rules, 'utf8').matchAll(/alert: (\w+)/g);
  const tested = readFileSync(test, 'utf8');
  for (const [, name] of alerts) expect(tested).toMatch(new RegExp(`alertname: ${name}\n {8}exp_alerts:\n`));
});

it('every metric in the rules and on the dashboard is one that the program exposes', async () => {
  const text = await (await worker.get('/metrics')).text();
  const exposed = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
  const used = `${readFileSync(rules, 'utf8')} ${queries.map(({ expr }) => expr).join(' ')}`.matchAll(
    /\b(?:auto_ticketing|process|nodejs)_\w+/g,
  );
  const names = [...used].map(([name]) => name.replace(/_(bucket|count|sum)$/, ''));
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => !exposed.has(name))).toEqual([]);
});

it('every query of the dashboard runs, and those about the present state have a result', async () => {
  const empty = async () => {
    const titles: string[] = [];
    for (const { title, expr } of queries) {
      const query = expr.replaceAll('$job', 'auto-ticketing').replaceAll('$__rate_interval', '1m');
      if ((await prometheus.query(query)).length === 0) titles.push(title);
    }
    return titles;
  };
  // A worker that has nothing to do yet.
  const aboutWork = new Set([
    'Tickets and decisions per hour',
    'From the decision to the ticket or message (95 %)',
    'Failed calls to FreeScout and Slack per minute',
    'Duration of calls (95 %)',
    'Checks per second',
    'Retries and given up effects per hour',
  ]);
  // A scrape that was too slow leaves no present state until the next one.
  await eventually(async () => expect((await empty()).filter((title) => !aboutWork.has(title))).toEqual([]));
});

it('every rule is evaluated without an error, and a flag that is off is about to fire', async () => {
  interface Rule {
    name: string;
    health: string;
    state: string;
  }
  const evaluated = async () =>
    (await prometheus.get<{ groups: { rules: Rule[] }[] }>('rules')).groups.flatMap((group) => group.rules);
  await expect.poll(async () => (await evaluated()).every(({ health }) => health === 'ok')).toBe(true);
  await expect
    .poll(async () => (await evaluated()).filter(({ state }) => state !== 'inactive').map(({ name }) => name))
    .toEqual(['AutoTicketingFlagOff']);
});
