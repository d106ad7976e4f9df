import { createConfig, lintFromString } from '@redocly/openapi-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXAMPLES } from '../../src/http/openapiExamples.ts';
import * as answers from '../../src/http/schemas/answers.ts';
import * as inputs from '../../src/http/schemas/inputs.ts';
import { named } from '../../src/http/schemas/openapiRegistry.ts';
import { type Running, startServer } from './support.ts';

let app: Running;
beforeAll(async () => {
  app = await startServer();
});
afterAll(() => app.close());

it('the linter of Redocly finds nothing in the API description', async () => {
  const source = await (await app.get('/openapi.json')).text();
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});

it('every example is valid for its schema, and every request has one', () => {
  const schemas = new Map(
    [...Object.values(answers), ...Object.values(inputs)].flatMap((schema) => {
      const id = named.get(schema)?.id;
      return id === undefined ? [] : [[id, schema] as const];
    }),
  );
  for (const [id, example] of Object.entries(EXAMPLES)) {
    expect([id, schemas.get(id)?.safeParse(example).error?.message]).toEqual([id, undefined]);
  }
  const requests = Object.values(inputs).flatMap((schema) => named.get(schema)?.id ?? []);
  expect(requests.filter((id) => id !== 'Nothing' && !(id in EXAMPLES))).toEqual([]);
});

it('every operation has one of the tags, and each that needs a caller names 401 and 400', async () => {
  const { paths, tags } = (await (await app.get('/openapi.json')).json()) as {
    paths: Record<string, Record<string, { tags: string[]; security: unknown[]; responses: Record<string, unknown> }>>;
    tags: { name: string }[];
  };
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(new Set(operations.flatMap((operation) => operation.tags))).toEqual(new Set(tags.map(({ name }) => name)));
  for (const { security, responses } of operations) {
    expect(Object.keys(responses)).toContain('400');
    if (security.length > 0) expect(Object.keys(responses)).toContain('401');
  }
});
