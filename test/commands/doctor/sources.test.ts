import { afterAll, beforeAll, expect, it } from 'vitest';
import { syncSources } from '../../../src/alerts/sources/sources.ts';
import { storeRequest } from '../../../src/alerts/webhooks/store.ts';
import { checkSources } from '../../../src/commands/doctor/sources.ts';
import { type Config, readConfig } from '../../../src/config/config.ts';
import { parseSurfacesFile } from '../../../src/surfaces/surfacesFile.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';

let database: TestDatabase;
const SOURCES = [
  { id: 'good', token_env: 'GOOD_TOKEN' },
  { id: 'unset', token_env: 'UNSET_TOKEN' },
  { id: 'bare' },
  { id: 'broken', token_env: 'GOOD_TOKEN' },
  { id: 'silent', repeat_interval: '1m', token_env: 'GOOD_TOKEN' },
];
beforeAll(async () => {
  database = await createTestDatabase();
  const { pool } = database;
  await syncSources(pool, parseSurfacesFile(JSON.stringify({ surfaces: [], sources: SOURCES }), 'test').sources);
  for (const source of ['good', 'broken', 'silent']) {
    await storeRequest(pool, {
      ...{ source, sender: 'gatus', method: 'POST', rest: '', query: '', headers: {}, body: Buffer.from('{') },
    });
  }
  await pool.query(
    `update webhook_requests set status = case source when 'broken' then 'dead' else 'done' end, finished_at = now()`,
  );
  await pool.query(
    `insert into actors (id, kind, version, rev, state, snapshot)
     select 'alert:' || key, 'alert', 1, 1, '{}', jsonb_build_object('context', jsonb_build_object('active', active))
     from (values ('silent:lasts', true), ('silent:over', false), ('good:lasts', true)) as alerts (key, active)`,
  );
  await pool.query(
    `insert into alert_sightings (alert_key, last_seen_at)
     values ('silent:lasts', now() - interval '1 day'), ('silent:over', now() - interval '1 day'), ('good:lasts', now())`,
  );
});
afterAll(() => database.drop());

const TOKEN = { GOOD_TOKEN: 'a-token-of-a-source-0123456789' };

const findings = async (ingestTokens = '', env: NodeJS.ProcessEnv = TOKEN, settings: Partial<Config> = {}) => {
  const config = { ...readConfig(ingestTokens === '' ? {} : { INGEST_TOKENS: ingestTokens }), ...settings };
  const found = await checkSources(database.pool, config, env);
  return Object.fromEntries(found.map(({ check, state, says }) => [check, `${state} ${says}`]));
};

it('each source is a finding with what is wrong with it', async () => {
  expect(await findings()).toEqual({
    'source good': expect.stringMatching(/^ok Last request at \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/),
    'source unset': expect.stringMatching(
      /^WARN Its token_env UNSET_TOKEN is not set here: .* refused\. Nothing was ever received from it: /,
    ),
    'source bare': expect.stringMatching(
      /^WARN No token here: without an entry in INGEST_TOKENS of web, .* refused\. /,
    ),
    'source broken': expect.stringMatching(/^WARN 1 request could not be understood: see "auto-ticketing dead-letters/),
    'source silent': expect.stringMatching(/^WARN 1 active alert not repeated for longer than its interval: /),
  });
});

it('a source with a token in INGEST_TOKENS needs none in the surfaces file', async () => {
  const found = await findings('unset:a-token-of-a-source-0123456789,new:another-token-of-a-source-0123456789');
  expect(found['source unset']).toMatch(/^WARN Nothing was ever received/);
  expect(found['source new']).toMatch(/^WARN Nothing was ever received/);
});

it.each([
  ['fewer than 16 characters', 'a-short-token'],
  ['one repeated character', 'x'.repeat(40)],
])('a token of %s is a finding in production only, and is not shown', async (weakness, token) => {
  const env = { GOOD_TOKEN: token };
  const found = await findings('', env, { production: true });
  expect(found['source good']).toBe(
    `WARN Its token in GOOD_TOKEN consists of ${weakness}, so its requests are refused: set another one.`,
  );
  expect((await findings('', env))['source good']).toMatch(/^ok /);
});
