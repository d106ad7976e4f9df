import { describe, expect, it } from 'vitest';
import { errorOf, idsOf, startFreeScoutFixture } from './freescoutFixture.ts';

const put = (tags: unknown) => ({ tags });

describe('tags', () => {
  it('tags are replaced as a whole, trimmed and lower-cased', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    await api.put(`/api/conversations/${id}/tags`, put(['old']));
    const answer = await api.put(`/api/conversations/${id}/tags`, put(['  Auto:Status ', 'auto:status:api-prod', '']));
    expect(answer.status).toBe(204);
    const { data } = await api.get(`/api/conversations/${id}?embed=tags`);
    expect(data._embedded.tags.map(({ name }: { name: string }) => name)).toEqual([
      'auto:status',
      'auto:status:api-prod',
    ]);
    expect((await api.get('/api/tags')).data._embedded.tags).toHaveLength(2);
  });

  it('the counter of a tag counts writes, not conversations', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    await api.put(`/api/conversations/${id}/tags`, put(['a']));
    await api.put(`/api/conversations/${id}/tags`, put(['a']));
    expect((await api.get('/api/tags')).data._embedded.tags).toEqual([{ id: 1, name: 'a', counter: 2, color: 0 }]);
  });

  it('setting tags does not change updatedAt', async () => {
    let at = new Date('2026-05-05T00:00:00Z');
    const { api, file, sandbox } = await startFreeScoutFixture({ now: () => at });
    const id = await file();
    at = new Date('2026-05-06T00:00:00Z');
    await api.put(`/api/conversations/${id}/tags`, put(['a']));
    expect(sandbox.state.tickets[0]?.updatedAt).toBe('2026-05-05T00:00:00Z');
  });

  it('a list can be filtered by one exact tag', async () => {
    const { api, file } = await startFreeScoutFixture();
    await api.put(`/api/conversations/${await file()}/tags`, put(['auto:alert', 'auto:alert:x']));
    await file();
    const find = async (tag: string) => idsOf(await api.get('/api/conversations', { params: { tag } }));
    expect(await find(' AUTO:alert')).toEqual([1]);
    expect(await find('auto')).toEqual([]);
    expect(await find('auto:alert,auto:alert:x')).toEqual([]);
  });

  it('a tag longer than its column is cut, and writing it again is a 500', async () => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file();
    expect((await api.put(`/api/conversations/${id}/tags`, put(['x'.repeat(250)]))).status).toBe(204);
    expect(sandbox.state.tickets[0]?.tags).toEqual(['x'.repeat(191)]);
    expect((await api.put(`/api/conversations/${id}/tags`, put(['x'.repeat(250)]))).status).toBe(500);
  });

  it('missing tags are rejected, and tags that are not a list are a 500', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    const missing = await api.put(`/api/conversations/${id}/tags`, {});
    expect([missing.status, errorOf(missing).path]).toEqual([400, 'tags']);
    expect((await api.put(`/api/conversations/${id}/tags`, put(null))).status).toBe(500);
    expect((await api.put('/api/conversations/99/tags', put([]))).status).toBe(404);
  });
});

describe('without the Tags module', () => {
  it('without the Tags module its routes are 400 even for an unknown conversation', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    sandbox.control.switches.set('tags_module', false);
    const answers = [await api.get('/api/tags'), await api.put('/api/conversations/99/tags', put([]))];
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      const message = 'Tags module is not installed or not activated';
      expect(answer.data).toEqual({ message, _embedded: { errors: [] } });
    }
  });

  it('without the Tags module the tag filter is ignored and conversations have no tags', async () => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file();
    sandbox.control.switches.set('tags_module', false);
    expect(idsOf(await api.get('/api/conversations', { params: { tag: 'auto:status' } }))).toEqual([id]);
    expect((await api.get(`/api/conversations/${id}?embed=tags`)).data._embedded).toEqual({ threads: [] });
  });
});
