import { describe, expect, it } from 'vitest';
import { type FreeScoutFixture, idsOf, startFreeScoutFixture } from './freescoutFixture.ts';

const find = async ({ api }: FreeScoutFixture, params: Record<string, unknown>) =>
  idsOf(await api.get('/api/conversations', { params }));

async function deskWithFour(): Promise<FreeScoutFixture> {
  const desk = await startFreeScoutFixture();
  await desk.file({ subject: 'Build 42 failed', status: 'active', createdAt: '2026-05-01T00:00:00Z' });
  await desk.file({ subject: 'Café is down', status: 'closed', createdAt: '2026-05-02T00:00:00Z', mailboxId: 1 });
  await desk.file({ subject: 'API slow', status: 'pending', createdAt: '2026-05-03T00:00:00Z', assignTo: 1 });
  await desk.file({ subject: 'Trashed', status: 'active', createdAt: '2026-05-04T00:00:00Z', state: 'deleted' });
  return desk;
}

describe('listing conversations', () => {
  it('without a filter the list contains every conversation, the trash included', async () => {
    const desk = await deskWithFour();
    expect(await find(desk, {})).toEqual([1, 2, 3, 4]);
    expect(await find(desk, { status: 'active' })).toEqual([1, 4]);
    expect(await find(desk, { status: 'active', state: 'published' })).toEqual([1]);
  });

  it('mailboxes and statuses can be comma-separated lists', async () => {
    const desk = await deskWithFour();
    expect(await find(desk, { status: 'active,pending', state: 'published' })).toEqual([1, 3]);
    expect(await find(desk, { mailboxId: '1,2' })).toEqual([1, 2, 3, 4]);
  });

  it.each([
    [{ status: 'Active' }],
    [{ status: 'opened' }],
    [{ state: 'open' }],
    [{ mailboxId: 'operations' }],
    [{ type: 'alarm' }],
    [{ query: 'Build' }],
    [{ customerId: 'x' }],
  ])('the invalid filter in %j is ignored, so more rows are returned', async (params) => {
    const desk = await deskWithFour();
    expect(await find(desk, params)).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['build_42', [1]],
    ['B%failed', [1]],
    ['cafe', [2]],
    ['SLOW', [3]],
    ['build\\_42', []],
    ['%', [1, 2, 3, 4]],
  ])('the subject filter %s uses SQL wildcards and ignores case and accents', async (subject, ids) => {
    const desk = await deskWithFour();
    expect(await find(desk, { subject })).toEqual(ids);
  });

  it('the customer e-mail filter is exact except for case', async () => {
    const desk = await deskWithFour();
    expect(await find(desk, { customerEmail: 'BOT@console.example' })).toEqual([1, 2, 3, 4]);
    expect(await find(desk, { customerEmail: 'bot@console' })).toEqual([]);
  });

  it('an empty assignee filter selects unassigned conversations', async () => {
    const desk = await deskWithFour();
    expect(await find(desk, { assignedTo: '' })).toEqual([1, 2, 4]);
    expect(await find(desk, { assignedTo: 1 })).toEqual([3]);
  });

  it('createdSince is inclusive, and an invalid date is a 500', async () => {
    const desk = await deskWithFour();
    expect(await find(desk, { createdSince: '2026-05-03T00:00:00Z' })).toEqual([3, 4]);
    expect((await desk.api.get('/api/conversations', { params: { createdSince: 'soon' } })).status).toBe(500);
  });

  it('the list is newest first unless the request says otherwise', async () => {
    const { api } = await deskWithFour();
    const order = async (params: object) =>
      (await api.get('/api/conversations', { params })).data._embedded.conversations.map(
        ({ id }: { id: number }) => id,
      );
    expect(await order({})).toEqual([4, 3, 2, 1]);
    expect(await order({ sortField: 'number', sortOrder: 'asc' })).toEqual([1, 2, 3, 4]);
    expect(await order({ sortField: 'nonsense', sortOrder: 'up' })).toEqual([4, 3, 2, 1]);
  });

  it('the list contains threads and tags only when they are requested', async () => {
    const { api } = await deskWithFour();
    const first = async (embed?: string) =>
      (await api.get('/api/conversations', { params: { embed } })).data._embedded.conversations[0]._embedded;
    expect(await first()).toEqual({ threads: [] });
    expect(await first('tags')).toEqual({ threads: [], tags: [] });
    expect((await first('threads,tags')).threads).toHaveLength(1);
  });
});

describe('pages of a list', () => {
  const page = async ({ api }: FreeScoutFixture, params: object) =>
    (await api.get('/api/conversations', { params })).data.page;

  it('a page has fifty rows by default, and an empty list has one page', async () => {
    const desk = await startFreeScoutFixture();
    expect(await page(desk, {})).toEqual({ size: 50, totalElements: 0, totalPages: 1, number: 1 });
  });

  it('a page beyond the last one is empty and keeps its number', async () => {
    const desk = await deskWithFour();
    expect(await page(desk, { page: 9, pageSize: 3 })).toEqual({ size: 3, totalElements: 4, totalPages: 2, number: 9 });
    expect(await find(desk, { page: 9, pageSize: 3 })).toEqual([]);
    expect(await find(desk, { page: 2, pageSize: 3 })).toHaveLength(1);
  });

  it('page size 0 means fifty, there is no maximum, and a negative size is a 500', async () => {
    const desk = await deskWithFour();
    expect((await page(desk, { pageSize: 0 })).size).toBe(50);
    expect((await page(desk, { pageSize: 100_000 })).size).toBe(100_000);
    expect((await desk.api.get('/api/conversations', { params: { pageSize: -1 } })).status).toBe(500);
  });
});
