import nock from 'nock';
import { expect, test } from 'vitest';
import { aConversation, aDesk, BASE, failure, NOT_FOUND } from './fixtures.ts';

const wanted = ['auto:status', 'auto:status:api-prod'];
const reading = (tags: string[] | null) =>
  nock(BASE).get('/api/conversations/412').query({ embed: 'tags' }).reply(200, aConversation({ tags }));
const writing = (tags: string[]) => nock(BASE).put('/api/conversations/412/tags', { tags });

test('adds what is missing, keeps what people added, and reads back', async () => {
  reading(['urgent', 'auto:status']);
  writing(['urgent', 'auto:status', 'auto:status:api-prod']).reply(204);
  const readBack = reading(['auto:status:api-prod', 'urgent', 'auto:status']);
  await aDesk().desk.ensureTags(412, wanted);
  expect(readBack.isDone()).toBe(true);
});

test('writes nothing when all are there, however they are spelt', async () => {
  reading(['auto:status', 'auto:status:api-prod']);
  const { desk, calls } = aDesk();
  await desk.ensureTags(412, ['Auto:Status ', 'auto:status:api-prod']);
  expect(calls).toEqual([['ensureTags', 'ok']]);
});

test('fails, to be tried again, when they do not hold', async () => {
  reading([]);
  writing(wanted).reply(204);
  reading(['auto:status']);
  const error = await failure(aDesk().desk.ensureTags(412, wanted));
  expect(error).toMatchObject({ problem: 'unavailable', retryable: true, inDoubt: false });
  expect(error.message).toContain('auto:status:api-prod');
});

test('says that the Tags module is off when a ticket comes without tags', async () => {
  reading(null);
  expect(await failure(aDesk().desk.ensureTags(412, wanted))).toMatchObject({ problem: 'tags_unavailable' });
});

test('says that the Tags module is off when the write is refused for it', async () => {
  reading([]);
  const message = 'Tags module is not installed or not activated';
  writing(wanted).reply(400, { message, _embedded: { errors: [] } });
  const { desk, warnings } = aDesk();
  expect(await failure(desk.ensureTags(412, wanted))).toMatchObject({ problem: 'tags_unavailable', retryable: false });
  expect(warnings[0]?.line).toBe('freescout degraded: ticket tagging failed, HTTPError 400');
  expect(warnings[0]?.facts).toMatchObject({ ticket_id: 412, problem: 'tags_unavailable' });
});

test('says that the ticket is gone, which is no trouble', async () => {
  nock(BASE).get('/api/conversations/412').query(true).reply(404, NOT_FOUND);
  const { desk, warnings } = aDesk();
  expect(await failure(desk.ensureTags(412, wanted))).toMatchObject({ problem: 'not_found', retryable: false });
  expect(warnings).toEqual([]);
});

test('a write that fails is not in doubt, because it can simply be done again', async () => {
  reading([]);
  writing(wanted).reply(500, { message: 'Server Error' });
  expect(await failure(aDesk().desk.ensureTags(412, wanted))).toMatchObject({ problem: 'unavailable', inDoubt: false });
});
