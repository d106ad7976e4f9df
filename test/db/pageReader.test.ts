import type { Pool } from 'pg';
import { expect, it } from 'vitest';
import { pageReader } from '../../src/db/pageReader.ts';

/** A pool whose statements end when the test says so. */
function slowPool() {
  const sent: { text: string; end: () => void; fail: (error: Error) => void }[] = [];
  const query = (text: string) =>
    new Promise<{ rows: string[] }>((resolve, reject) => {
      sent.push({ text, end: () => resolve({ rows: [text] }), fail: reject });
    });
  return { sent, pool: { query } as unknown as Pick<Pool, 'query'> };
}

it('a page sends one statement at a time, and each gets its own rows', async () => {
  const { pool, sent } = slowPool();
  const reader = pageReader(pool);
  const both = Promise.all([reader.query('first'), reader.query('second')]);
  await expect.poll(() => sent.map(({ text }) => text)).toEqual(['first']);
  sent[0]?.end();
  await expect.poll(() => sent.map(({ text }) => text)).toEqual(['first', 'second']);
  sent[1]?.end();
  expect((await both).map(({ rows }) => rows)).toEqual([['first'], ['second']]);
});

it('a page whose request has ended sends no further statement', async () => {
  const { pool, sent } = slowPool();
  const request = new AbortController();
  const reader = pageReader(pool, request.signal);
  const [first, second] = [reader.query('first'), reader.query('second')];
  await expect.poll(() => sent).toHaveLength(1);
  request.abort(new Error('gone'));
  sent[0]?.end();
  await first;
  await expect(second).rejects.toThrow('gone');
  expect(sent).toHaveLength(1);
});

it('a page of which a statement has failed sends no further one', async () => {
  const { pool, sent } = slowPool();
  const reader = pageReader(pool);
  const both = Promise.allSettled([reader.query('first'), reader.query('second')]);
  await expect.poll(() => sent).toHaveLength(1);
  sent[0]?.fail(new Error('too slow'));
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(sent).toHaveLength(1);
});
