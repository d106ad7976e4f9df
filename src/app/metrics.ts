import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { memoizeFor } from '../lib/memoizeFor.ts';
import { packageVersion } from '../lib/packageVersion.ts';

/** All metrics, under the prefix `auto_ticketing_`. Label values are few and fixed. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Those that this process counts itself; `databaseGauges.ts` adds those of the database. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name: `auto_ticketing_${name}_total`, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    new Histogram({ name: `auto_ticketing_${name}_seconds`, help, labelNames, buckets, registers });

  new Gauge({
    name: 'auto_ticketing_build_info',
    help: '1, with the version of the program and of Node.js.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: packageVersion(), node: process.versions.node }, 1);

  return {
    registry,
    deliveries: counter('deliveries', 'Events delivered to actors, by kind of actor and result.', ['kind', 'applied']),
    audits: counter('audit_rows', 'Audit rows written by machines.', ['action']),
    changes: counter('status_changes', 'Confirmed changes of surfaces.', ['status']),
    checks: counter('checks', 'Checks made by this process.', ['outcome']),
    irregular: counter(
      'irregular_alerts',
      'Alerts that were rejected or taken with an assumption, by what was wrong.',
      ['what'],
    ),
    webhooks: counter('webhook_requests', 'Requests of alert senders that this process worked on.', ['status']),
    effects: counter('effects', 'Runs of effects in this process.', ['src', 'outcome']),
    effectLatency: histogram(
      'effect',
      'From the moment that a machine asks for an effect until it is done, retries included.',
      ['src'],
      [0.1, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800],
    ),
    calls: histogram(
      'calls',
      'Calls to other systems by verb and outcome.',
      ['system', 'verb', 'outcome'],
      [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    ),
    httpRequests: counter('http_requests', 'Answered requests.', ['method', 'route', 'status']),
    httpLatency: histogram(
      'http',
      'Time until an answer is complete, without event streams.',
      ['route'],
      [0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    ),
    reconciled: counter('reconciled', 'Repairs and findings of the reconciler, by kind.', ['what']),
    signIns: counter('sign_ins', 'Sign-ins and sign-outs, by outcome.', ['outcome']),
    roleChecks: counter('role_checks', 'Roles of signed-in people that were read again, by outcome.', ['outcome']),
    refusals: counter('refusals', 'Requests that were refused before they could do anything, by kind.', ['kind']),
    heartbeats: counter('heartbeats', 'Heartbeats to HEARTBEAT_URL, by outcome.', ['outcome']),
    pruneFailures: counter('prune_failures', 'Failed attempts to prune a table, by table.', ['table']),
    errors: counter('unhandled_errors', 'Unexpected errors.', ['where']),
  };
}

/** Shorter than the interval of any scraper. */
const TEXT_SHARED_MS = 1_000;

/**
 * The text of all metrics. Rendering it takes a processor that alerts need, so scrapes within a second share it, however
 * many there are.
 */
export const createMetricsText = (
  registry: Pick<Registry, 'contentType' | 'metrics'>,
  sharedMs = TEXT_SHARED_MS,
): (() => Promise<{ contentType: string; text: string }>) =>
  memoizeFor(sharedMs, async () => ({ contentType: registry.contentType, text: await registry.metrics() }));
