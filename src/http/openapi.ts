import { z } from 'zod';
import type { Answer, Endpoint } from './endpoint.ts';
import { EXAMPLES } from './openapiExamples.ts';
import { SECURITY_SCHEMES, securityOf } from './openapiSecurity.ts';
import { tagOf, tags } from './openapiTags.ts';
import * as answers from './schemas/answers.ts';
import { named } from './schemas/openapiRegistry.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 description, derived from the schemas that check requests. */
export function describeApi(endpoints: readonly Endpoint[], { version, url }: { version: string; url: string }): Json {
  const { schemas } = z.toJSONSchema(named, {
    io: 'input',
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
  });
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method]: operation(endpoint) };
  }
  const used = referencedIn(paths, schemas as Record<string, Json>);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Auto-Ticketing',
      version,
      license: { name: 'UNLICENSED', identifier: 'UNLICENSED' },
      description:
        'Requests whose Accept header prefers text/html get the page of the console; all other requests get JSON.',
    },
    servers: [{ url }],
    tags,
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(schemas)
          .filter(([id]) => used.has(id))
          .map(([id, schema]) => [id, withExample(id, withoutMetadata(schema))]),
      ),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function operation(endpoint: Endpoint): Json {
  const parameters = [...parametersOf(endpoint.params, 'path'), ...parametersOf(endpoint.query, 'query')];
  return {
    operationId: `${endpoint.method} ${endpoint.path}`.replace(/\W+/g, '_').replace(/_$/, ''),
    summary: endpoint.summary,
    tags: [tagOf(endpoint.path)],
    security: securityOf(endpoint),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(endpoint),
    responses: Object.fromEntries([
      ...Object.entries({ ...commonRefusals(endpoint), ...endpoint.answers }).map(([status, answer]) => [
        status,
        response(Number(status), answer),
      ]),
      ['default', response(400, { description: 'The error.', schema: answers.problem })],
    ]),
  };
}

/** What any route with such input, or for such callers, may answer. */
function commonRefusals({ access, body, form, raw, params, query }: Endpoint): Record<number, Answer> {
  const takesBody = body !== undefined || form !== undefined;
  return {
    400: { description: params || query || takesBody ? 'Invalid input; all faults are named.' : 'Invalid request.' },
    ...(access === 'anyone' ? {} : { 401: { description: 'The caller is not signed in, or the token is invalid.' } }),
    ...(access === 'anyone' || access === 'viewer' ? {} : { 403: { description: 'The caller may not do this.' } }),
    ...(takesBody || raw ? { 413: { description: 'The body is too large.' } } : {}),
    ...(takesBody ? { 415: { description: 'The body is not JSON, or not named as `application/json`.' } } : {}),
  };
}

/** The schemas that the operations use, also through each other. */
function referencedIn(paths: Record<string, Json>, schemas: Record<string, Json>): Set<string> {
  const found = new Set<string>();
  const look = (part: unknown): void => {
    for (const [, id = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (found.has(id)) continue;
      found.add(id);
      look(schemas[id] ?? {});
    }
  };
  look(paths);
  return found;
}

const withExample = (id: string, schema: Json): Json =>
  id in EXAMPLES ? { ...schema, examples: [EXAMPLES[id]] } : schema;

/** No request with GET or DELETE needs a body. */
function bodyOf({ method, body, raw, rawTypes = ['*/*'] }: Endpoint): Json {
  if (body) return { requestBody: { required: true, content: { 'application/json': { schema: ref(body) } } } };
  if (!raw || method === 'get' || method === 'delete') return {};
  return { requestBody: { content: Object.fromEntries(rawTypes.map((type) => [type, {}])) } };
}

function parametersOf(schema: z.ZodType | undefined, where: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
}

function response(status: number, { description, schema, page, type }: Answer): Json {
  const problem = status >= 400 && schema === undefined && !page ? answers.problem : undefined;
  const shape = schema ?? problem;
  const content = {
    ...(shape ? { 'application/json': { schema: ref(shape) } } : {}),
    ...(page ? { 'text/html': { schema: { type: 'string' } } } : {}),
    ...(type ? { [type]: { schema: { type: 'string' } } } : {}),
  };
  return { description: description, ...(Object.keys(content).length === 0 ? {} : { content }) };
}

function ref(schema: z.ZodType): Json {
  return { $ref: `#/components/schemas/${named.get(schema)?.id ?? ''}` };
}

/** `$schema` and `$id` belong to stand-alone schemas, not to those inside a description. */
function withoutMetadata({ $schema: _dialect, $id: _address, ...schema }: Json): Json {
  return schema;
}
