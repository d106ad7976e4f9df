import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { SENDER_NAMES } from '../../src/alerts/senders/registry.ts';
import * as answers from '../../src/http/schemas/answers.ts';
import { SIGN_IN, start, TOKENS } from './support.ts';

const in1h = new Date(Date.now() + 3_600_000).toISOString();

type Json = { [key: string]: Json } & string & Json[];

async function description(): Promise<Json> {
  return (await (await (await start()).get('/openapi.json')).json()) as Json;
}

function* within(node: unknown): Generator<Record<string, unknown>> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield node as Record<string, unknown>;
  for (const inner of Object.values(node)) yield* within(inner);
}

describe('the API description', () => {
  it('the API description is OpenAPI 3.1 with title and version', async () => {
    const api = await description();
    expect(api.openapi).toBe('3.1.0');
    expect(api.info).toMatchObject({ title: 'Auto-Ticketing', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  it('all references of the API description resolve', async () => {
    const api = await description();
    const refs = [...within(api)].flatMap((node) => (typeof node.$ref === 'string' ? [node.$ref] : []));
    const broken = refs.filter((ref) => {
      const steps = ref.replace('#/', '').split('/');
      return steps.reduce<unknown>((node, step) => (node as Json | undefined)?.[step], api) === undefined;
    });
    expect(refs.length).toBeGreaterThan(40);
    expect(broken).toEqual([]);
  });

  it('each operation has responses, a unique id and its path parameters', async () => {
    const { paths } = await description();
    const names: string[] = [];
    for (const [path, operations] of Object.entries(paths as Record<string, Record<string, Json>>)) {
      for (const operation of Object.values(operations)) {
        names.push(String(operation.operationId));
        const declared = [...((operation.parameters ?? []) as Json[])].filter((given) => String(given.in) === 'path');
        expect(declared.map((given) => `{${given.name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
        expect(Object.keys(operation.responses as object).length).toBeGreaterThan(1);
      }
    }
    expect(new Set(names).size).toBe(names.length);
  });

  it('a body is described by the schema that checks it', async () => {
    const { components } = await description();
    expect((components as Json).schemas).toMatchObject({
      Emissions: {
        type: 'object',
        required: ['source', 'alerts'],
        additionalProperties: {},
        properties: {
          source: { type: 'string', pattern: '^[a-z0-9][a-z0-9_.-]{0,62}$' },
          alerts: { items: { properties: { severity: { enum: ['P1', 'P2', 'P3'] } } } },
        },
      },
      FlagChange: { properties: { enabled: { type: 'boolean' } } },
    });
  });
});

describe('the description of the routes of senders', () => {
  type Operation = Record<'parameters' | 'security' | 'requestBody' | 'responses', Json | undefined>;
  const operation = async (method: string, path: string): Promise<Operation> =>
    ((await description()).paths as unknown as Record<string, Record<string, Operation>>)[path]?.[method] ??
    expect.fail(`${method} ${path} is not described`);
  const IN_HEADERS = ['ingestToken', 'senderPassword', 'senderKey', 'routingKey', 'genieKey'].map((id) => ({
    [id]: [],
  }));

  it.each([
    ['get', ['uptime-kuma', 'gatus', 'generic']],
    ['put', ['grafana', 'gatus', 'opsgenie', 'generic']],
    ['post', SENDER_NAMES],
  ])('the senders of %s are those that use it', async (method, senders) => {
    const { parameters } = await operation(method, '/api/webhooks/{sender}/{source}');
    expect(parameters?.[0]).toEqual({
      name: 'sender',
      in: 'path',
      required: true,
      schema: { type: 'string', enum: senders },
    });
  });

  it.each([
    ['post', '/api/webhooks/{sender}/{source}', ['*/*']],
    ['put', '/api/webhooks/{sender}', ['*/*']],
    ['get', '/api/webhooks/{sender}/{source}', undefined],
    ['post', '/v2/enqueue', ['application/json']],
    ['post', '/api/webhooks/opsgenie/{source}/v2/alerts', ['application/json']],
    ['delete', '/api/webhooks/opsgenie/{source}/v2/alerts/{identifier}', undefined],
    ['options', '/api/webhooks/cloudevents', undefined],
  ])('the body of %s %s has the types %j', async (method, path, types) => {
    const { requestBody } = await operation(method, path);
    expect(requestBody && Object.keys(requestBody.content as object)).toEqual(types);
  });

  it.each([
    ['get', '/api/webhooks/{sender}', IN_HEADERS],
    ['put', '/api/webhooks/{sender}', IN_HEADERS],
    ['get', '/api/webhooks/{sender}/{source}/{token}', [...IN_HEADERS, {}]],
    ['post', '/api/webhooks/{sender}', [...IN_HEADERS, {}]],
    ['post', '/v2/enqueue', [...IN_HEADERS, {}]],
    ['options', '/api/webhooks/cloudevents', []],
  ])('the tokens of %s %s are %j', async (method, path, security) => {
    expect((await operation(method, path)).security).toEqual(security);
  });

  it('every scheme for senders is accepted as it is described', async () => {
    const { components } = await description();
    const schemes = (components as Json).securitySchemes as Json;
    const token = TOKENS.prometheus;
    for (const id of IN_HEADERS.flatMap((scheme) => Object.keys(scheme))) {
      const { type, scheme, name } = schemes[id] as unknown as Record<string, string>;
      const header =
        type === 'http'
          ? { authorization: scheme === 'basic' ? `Basic ${btoa(`any:${token}`)}` : `Bearer ${token}` }
          : { [name ?? '']: name === 'Authorization' ? `GenieKey ${token}` : token };
      const { status } = await (await start({ env: SIGN_IN })).post('/api/webhooks/grafana', {}, header);
      expect([id, status]).toEqual([id, 202]);
    }
  });

  it.each([
    ['/v2/enqueue', 'StoredEvent'],
    ['/api/webhooks/opsgenie/{source}/v2/alerts', 'StoredAlert'],
    ['/api/webhooks/{sender}', 'Stored'],
  ])('the answer 202 of POST %s is %s', async (path, id) => {
    const { responses } = await operation('post', path);
    expect(responses?.['202']?.content).toEqual({
      'application/json': { schema: { $ref: `#/components/schemas/${id}` } },
    });
  });
});

describe('responses', () => {
  it.each<[path: string, schema: z.ZodType]>([
    ['/console/status', answers.board],
    ['/console/surfaces/api-prod', answers.surfaceStory],
    ['/console/alerts', answers.alerts],
    ['/console/alerts/status_poller%3Aa3f9b8126c01de77', answers.alertStory],
    ['/console/silences', answers.silences],
    ['/console/customers', answers.customers],
    ['/console/customers/c-1001/tickets', answers.customer],
    ['/console/flags', answers.flags],
    ['/console/audit', answers.audit],
    ['/console/inspect/actors', answers.actors],
    ['/console/inspect/actors/surface%3Aapi-prod', answers.actor],
    ['/console/dead-letters', answers.deadLetters],
    ['/console/dead-letters/d1', answers.deadLetter],
    ['/console/sources', answers.sources],
    ['/console/refusals', answers.refusals],
    ['/console/weekly', answers.week],
    ['/healthz', answers.alive],
    ['/readyz', answers.readiness],
    ['/nothing', answers.problem],
  ])('the response of GET %s matches its schema', async (path, schema) => {
    const body: unknown = await (await (await start()).get(path)).json();
    expect(schema.parse(body)).toEqual(body);
  });

  it.each<[path: string, schema: z.ZodType, body?: unknown]>([
    ['/console/status/investigate/api-prod', answers.investigation],
    ['/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', answers.flag, { enabled: true }],
    ['/console/surfaces/api-prod/maintenance', answers.maintenance, { until: '2099-01-01T00:00:00Z', reason: 'x' }],
    ['/console/surfaces/api-prod/maintenance/end', answers.maintenance],
    ['/console/dead-letters/d1/replay', answers.replayed],
    ['/console/dead-letters/d1/edit', answers.deadLetter, { payload: { thread: 't', kind: 'opened' } }],
    ['/console/alerts/a%3A1/resolve', answers.resolvedByHand, { reason: 'lost' }],
    ['/console/silences', answers.silence, { matchers: { labels: { host: 'db-*' } }, until: in1h, reason: 'x' }],
    ['/console/silences/12/end', answers.silence],
    ['/console/dead-letters/d1/discard', answers.discarded, { reason: 'over' }],
    ['/console/dead-letters/replay', answers.bulkReplay, { kind: 'message', count: 1 }],
    ['/console/sources/prometheus/test', answers.tested],
    ['/api/webhooks/grafana/prometheus', answers.stored, {}],
    ['/api/webhooks/pagerduty/prometheus', answers.stored, {}],
    ['/api/webhooks/opsgenie/prometheus/v2/alerts', answers.storedAlert, { message: 'Disk full' }],
    ['/v2/enqueue', answers.storedEvent, { event_action: 'trigger', dedup_key: 'disk' }],
    [
      '/api/alerts',
      answers.accepted,
      { source: 'a', alerts: [{ alert_id: 'x', severity: 'P1', status: 'resolved', title: 't' }] },
    ],
  ])('the response of POST %s matches its schema', async (path, schema, sent) => {
    const body: unknown = await (await (await start()).post(path, sent)).json();
    expect(schema.parse(body)).toEqual(body);
  });

  it('the response of GET for Uptime Kuma matches its schema', async () => {
    const body: unknown = await (await (await start()).get('/api/webhooks/uptime-kuma/prometheus')).json();
    expect(answers.taken.parse(body)).toEqual(body);
  });

  it('replaying an unknown dead letter gets 404', async () => {
    expect((await (await start()).post('/console/dead-letters/d9/replay')).status).toBe(404);
  });
});
