import nock from 'nock';
import { expect, test } from 'vitest';
import { aConversation, aDesk, BASE, failure, NOT_FOUND } from './fixtures.ts';

const wanted = ['auto:status', 'auto:status:api-prod'];
const reading = (tags: string[] | null) =>
  nock(BASE).get('/api/conversations/412').query({ embed: 'tags' }).reply(200, aConversation({ tags }));
const writing = (tags: string[]) => nock(BASE).put('/api/conversations/412/tags', { tags });

test('tagging adds missing tags, keeps those of people, and verifies the result', async () => {
  reading(['urgent', 'auto:status']);
  writing(['urgent', 'auto:status', 'auto:status:api-prod']).reply(204);
  const readBack = reading(['auto:status:api-prod', 'urgent', 'auto:status']);
  await aDesk().desk.ensureTags(412, wanted);
  expect(readBack.isDone()).toBe(true);
});

test('tagging writes nothing when all tags exist in any case', async () => {
  reading(['auto:status', 'auto:status:api-prod']);
  const { desk, calls } = aDesk();
  await desk.ensureTags(412, ['Auto:Status ', 'auto:status:api-prod']);
  expect(calls).toEqual([['ensureTags', 'ok']]);
});

test('tagging fails as retryable when the tags were not saved', async () => {
  reading([]);
  writing(wanted).reply(204);
  reading(['auto:status']);
  const error = await failure(aDesk().desk.ensureTags(412, wanted));
  expect(error).toMatchObject({ problem: 'unavailable', retryable: true, inDoubt: false });
  expect(error.message).toContain('auto:status:api-prod');
});

test('tagging reports tags_unavailable for a ticket without tags', async () => {
  reading(null);
  expect(await failure(aDesk().desk.ensureTags(412, wanted))).toMatchObject({ problem: 'tags_unavailable' });
});

test('tagging reports tags_unavailable when FreeScout rejects the write for it', async () => {
  reading([]);
  const message = 'Tags module is not installed or not activated';
  writing(wanted).reply(400, { message, _embedded: { errors: [] } });
  const { desk, warnings } = aDesk();
  expect(await failure(desk.ensureTags(412, wanted))).toMatchObject({ problem: 'tags_unavailable', retryable: false });
  expect(warnings[0]?.line).toBe('freescout degraded: ticket tagging failed, HTTPError 400');
  expect(warnings[0]?.facts).toMatchObject({ ticket_id: 412, problem: 'tags_unavailable' });
});

test('tagging reports not_found for a deleted ticket, without a warning', async () => {
  nock(BASE).get('/api/conversations/412').query(true).reply(404, NOT_FOUND);
  const { desk, warnings } = aDesk();
  expect(await failure(desk.ensureTags(412, wanted))).toMatchObject({ problem: 'not_found', retryable: false });
  expect(warnings).toEqual([]);
});

test('a failed tagging is not in doubt, because it can be repeated', async () => {
  reading([]);
  writing(wanted).reply(500, { message: 'Server Error' });
  expect(await failure(aDesk().desk.ensureTags(412, wanted))).toMatchObject({ problem: 'unavailable', inDoubt: false });
});
