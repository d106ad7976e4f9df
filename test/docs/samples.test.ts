import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Command } from 'commander';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { addDatabaseGauges } from '../../src/app/databaseGauges.ts';
import { createMetrics } from '../../src/app/metrics.ts';
import { addCommands } from '../../src/commands/commands.ts';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import { Problem } from '../../src/lib/problem.ts';
import type { FlagState } from '../../src/model/operations.ts';
import { type SandboxFreeScout, startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { filed, unavailable } from '../http/fakeConsoleApi.ts';
import { CUSTOMER } from '../http/samples.ts';
import { type Running, startServer, TOKENS } from '../http/support.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { documents, read } from './documents.ts';
import { differences, documentedJson } from './shape.ts';
import { blocksOf, consoleSamples, type Sample } from './shellSamples.ts';

/** The samples of the documents are executed, so that they cannot become wrong unnoticed. */

const run = promisify(execFile);
const KEY = 'key-0123456789abcdef';
const samples = consoleSamples();

let app: Running;
let freescout: SandboxFreeScout;
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  app = await startServer({
    env: {
      CONSOLE_API_TOKENS: `ops:admin:${TOKENS.admin}`,
      INGEST_TOKENS: `alertmanager:${TOKENS.prometheus},gatus:gatus-token-0123456789`,
    },
    services: documentedServices(),
  });
  freescout = await startSandboxFreeScout({ apiKey: KEY });
});
afterAll(async () => {
  await app.close();
  await freescout.stop();
  await database.drop();
});

/** The document shows how the next request is refused. */
let isRefused = false;

/** The situations that the documents show. */
function documentedServices(): Partial<ConsoleApi> {
  const flag = (name: string, enabled: boolean): FlagState => {
    return { name, enabled, forced_off: false, changed_at: null, changed_by: null };
  };
  const changed = { changed_at: new Date().toISOString(), changed_by: 'token ops' };
  const metrics = metricsOf(database.pool);
  return {
    async investigate(id) {
      if (id === 'nope') throw new Problem('unknown_surface', `There is no surface "${id}".`);
      if (id === 'web-prod') throw new Problem('not_degraded', `${id} is OPERATIONAL.`);
      return id === 'payments' ? unavailable(id) : filed(id);
    },
    flags: async () =>
      ['FLAG_CONSOLE_ALERTS_AUTO_TICKET', 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS'].map((name) => flag(name, true)),
    async setFlag(name, enabled) {
      if (isRefused) throw new Problem('forced_off', `${name} is forced off.`);
      return { ...flag(name, enabled), ...changed };
    },
    suppressedAlerts: async () => ({ active: 0, ended: 0, rows: [] }),
    customer: async () => CUSTOMER,
    revokeSession: async () => !isRefused,
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.metrics() }),
  };
}

function metricsOf(pool: Pool) {
  const { registry } = createMetrics();
  addDatabaseGauges(registry, { pool, flags: { list: async () => [] }, pollIntervalSeconds: 30 });
  return registry;
}

describe('curl', () => {
  const requests = samples.filter(
    // Signing in needs the provider that its block shows.
    ({ command, block }) => /^curl .*127\.0\.0\.1:300[01]/.test(command) && !block.includes('/sign-in'),
  );

  async function outputOf({ command }: Sample): Promise<string> {
    const here = command
      .replaceAll('http://127.0.0.1:3000', app.url)
      .replaceAll('http://127.0.0.1:3001', freescout.url)
      .replace('curl -sN', 'curl -sN --max-time 1');
    const env = {
      PATH: process.env.PATH ?? '',
      CONSOLE_TOKEN: TOKENS.admin,
      INGEST_TOKEN: TOKENS.prometheus,
      TOKEN: 'gatus-token-0123456789',
      FS_KEY: KEY,
      OLD_KEY: 'another-key',
      MBID: '2',
    };
    const { stdout } = await run('sh', ['-c', `${here}; true`], { env });
    return stdout;
  }

  it('there are samples', () => {
    expect(requests.length).toBeGreaterThan(30);
  });

  it.each(requests.map((sample) => [sample.place, sample] as const))('%s', async (_, sample) => {
    isRefused = sample.output.includes('"error"');
    const output = await outputOf(sample);
    const [documented, actual] = [documentedJson(sample.output), documentedJson(output)];
    if (sample.output.trim() === '') return;
    if (documented === undefined) {
      // A status, or what a filter has left: text without figures of this run, perhaps cut off.
      const plain = (text: string) =>
        text
          .trim()
          .split('\n')[0]
          ?.replace(/\d{2,}\.\d+|(?<=[:" ])\d+/g, 'n') ?? '';
      const [beginning = ''] = plain(sample.output).split('…');
      expect(plain(output).slice(0, sample.output.includes('…') ? beginning.length : undefined)).toBe(beginning);
    } else {
      expect(differences(documented, actual)).toEqual([]);
    }
  });
});

it('every command of the program in a document exists, with its options', () => {
  const program = new Command('auto-ticketing');
  addCommands(program, { env: {} });
  for (const name of ['start', 'web', 'worker']) program.command(name);
  const unknown = documents.flatMap((path) =>
    [
      ...read(path).matchAll(/(?<!token of )auto-ticketing(?:\.js)? ((?:[a-z][a-z-]*|--[a-z]+)(?: [^`|#\n"]*)?)/g),
    ].flatMap(([, line = '']) => (isCommand(program, line.trim().split(/\s+/)) ? [] : [`${path}: ${line}`])),
  );
  expect(unknown).toEqual([]);
});

/** Words after a command are arguments; what begins with two dashes has to be an option of it. */
function isCommand(program: Command, words: string[]): boolean {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word);
    if (next) command = next;
    else if (command === program && !word.startsWith('-')) return false;
    else if (/^--[a-z]/.test(word) && !hasOption(command, word)) return false;
  }
  return true;
}

const hasOption = (command: Command, word: string): boolean =>
  ['--help', ...command.options.map(({ long }) => long)].includes(word.split('=')[0] ?? '');

describe('SQL', () => {
  const statements = blocksOf('sql')
    // It makes the database that this test runs in.
    .filter(({ text }) => !text.includes('CREATE DATABASE'))
    .map(({ path, text }, index) => [`${path} ${index + 1}`, text] as const);

  it.each(statements)('%s', async (_, text) => {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      if (text.includes('ROLE console')) await client.query('create role console');
      // Partitions exist for the months since the database was made.
      const { rows } = await client.query('select to_char(now(), \'"audit_log_"YYYY_MM\') as month');
      await client.query(text.replaceAll('audit_log_2026_05', rows[0].month));
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});

it('every YAML and JSON block is valid', () => {
  for (const { text } of blocksOf('yaml')) expect(parse(text)).not.toBeNull();
  const broken = blocksOf('json').filter(({ text }) => documentedJson(text) === undefined);
  expect(broken).toEqual([]);
});

it('every metric that a document names is one that the program has', () => {
  const known = new Set(
    metricsOf(database.pool)
      .getMetricsAsArray()
      .map(({ name }) => name),
  );
  const named = documents
    .filter((path) => path !== 'CHANGELOG.md' && !path.startsWith('docs/decisions'))
    .flatMap((path) =>
      [...read(path).matchAll(/`(auto_ticketing_[a-z_]*[a-z])(?:\{[^`]*)?`/g)].map(([, name = '']) => name),
    );
  expect(named.length).toBeGreaterThan(20);
  expect(
    named.filter(
      (name) =>
        !known.has(name) && !name.startsWith('auto_ticketing_console') && !name.startsWith('auto_ticketing_answers'),
    ),
  ).toEqual([]);
});
