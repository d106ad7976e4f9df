import { EventEmitter } from 'node:events';
import { setImmediate as begun } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Ctx } from '../../src/http/context.ts';
import { createIntakePlaces } from '../../src/http/intakePlaces.ts';
import { bearer, errorOf, start, TOKENS } from './support.ts';

/** Of a process of the usual size: five of them are places. */
const CONNECTIONS = 8;
const LARGE = 5_000;
const BATCH = 500;

function createRequests(options: { connections?: number; waitMs?: number } = {}) {
  const refusals: string[] = [];
  const places = createIntakePlaces({
    connections: CONNECTIONS,
    refused: (kind, address, source) => void refusals.push(`${kind} ${address} ${source}`),
    ...options,
  });
  const running: string[] = [];
  /** Sends one; `store` ends it, `goAway` is its sender hanging up. */
  const send = (name: string, source: string, alerts: number) => {
    const res = Object.assign(new EventEmitter(), { destroyed: false });
    const headers: Record<string, string> = {};
    const set = (header: string, value: string) => Object.assign(headers, { [header]: value });
    const ctx = { ip: '192.0.2.1', state: { source }, res, set } as unknown as Ctx;
    let store = () => {};
    const stored = new Promise<void>((resolve) => {
      store = resolve;
    });
    const answer = places.run(ctx, { source, alerts }, async () => {
      running.push(name);
      await stored;
      running.splice(running.indexOf(name), 1);
      return name;
    });
    // Refusals are looked at later.
    answer.catch(() => undefined);
    return { answer, store, headers, goAway: () => res.emit('close') };
  };
  return { send, running, refusals };
}

describe('places of requests with alerts', () => {
  it('one source with many large requests has one place, and the others start at once', async () => {
    const { send, running, refusals } = createRequests();
    const flood = Array.from({ length: 12 }, (_, n) => send(`a${n}`, 'a', LARGE));
    await begun();
    expect(running).toEqual(['a0']);
    // Two wait.
    for (const { answer, headers } of flood.slice(3)) {
      await expect(answer).rejects.toMatchObject({ code: 'too_many_requests' });
      expect(headers).toEqual({ 'Retry-After': '5' });
    }
    expect(refusals).toEqual(Array(9).fill('too_many_waiting 192.0.2.1 a'));
    send('single of a', 'a', 1);
    send('large of b', 'b', LARGE);
    send('single of b', 'b', 1);
    await begun();
    expect(running).toEqual(['a0', 'single of a', 'large of b', 'single of b']);
    flood[0]?.store();
    expect(await flood[0]?.answer).toBe('a0');
    await begun();
    expect(running).toContain('a1');
  });

  it('one source stores four batches of 500 at once, and the next one follows as soon as one has ended', async () => {
    const { send, running } = createRequests();
    const sent = Array.from({ length: 6 }, (_, n) => send(`a${n}`, 'a', BATCH));
    await begun();
    expect(running).toEqual(['a0', 'a1', 'a2', 'a3']);
    sent[2]?.store();
    await sent[2]?.answer;
    await begun();
    expect(running).toEqual(['a0', 'a1', 'a3', 'a4']);
  });

  it('large requests of all sources together leave places for single alerts', async () => {
    const { send, running } = createRequests();
    for (const source of ['a', 'b', 'c', 'd']) send(`large of ${source}`, source, LARGE);
    send('single of e', 'e', 1);
    await begun();
    expect(running).toEqual(['large of a', 'large of b', 'single of e']);
  });

  it('a process with three connections stores a single alert beside the thousands of another source', async () => {
    const { send, running } = createRequests({ connections: 3 });
    for (const source of ['a', 'b']) send(`large of ${source}`, source, LARGE);
    send('single of c', 'c', 1);
    await begun();
    expect(running).toEqual(['large of a', 'single of c']);
  });

  it('sources have their turns one after the other, however many requests one of them sent before', async () => {
    const { send, running } = createRequests({ connections: 1 });
    const first = send('a0', 'a', 1);
    const second = send('a1', 'a', 1);
    send('a2', 'a', 1);
    send('b0', 'b', 1);
    await begun();
    first.store();
    await begun();
    expect(running).toEqual(['a1']);
    second.store();
    await begun();
    expect(running).toEqual(['b0']);
  });

  it('a thousand single alerts of one source at once are all stored', async () => {
    const { send } = createRequests();
    const sent = Array.from({ length: 1_000 }, (_, n) => send(`a${n}`, 'a', 1));
    for (const { store } of sent) store();
    expect(new Set(await Promise.all(sent.map(({ answer }) => answer))).size).toBe(1_000);
  });

  it('a request that gives up its turn is never stored, and holds up no other', async () => {
    const { send, running, refusals } = createRequests({ connections: 1, waitMs: 20 });
    const first = send('a0', 'a', 1);
    const gone = send('a1', 'a', 1);
    gone.goAway();
    await expect(gone.answer).rejects.toMatchObject({ code: 'busy' });
    await expect(send('a2', 'a', 1).answer).rejects.toMatchObject({ code: 'busy' });
    // That its sender went away refuses nothing.
    expect(refusals).toEqual(['busy 192.0.2.1 a']);
    first.store();
    await begun();
    expect(running).toEqual([]);
    send('a3', 'a', 1);
    await begun();
    expect(running).toEqual(['a3']);
  });

  it('a failed request frees its place', async () => {
    const places = createIntakePlaces({ connections: 1, refused() {} });
    const ctx = { res: new EventEmitter() } as unknown as Ctx;
    const sent = { source: 'a', alerts: 1 };
    await expect(places.run(ctx, sent, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(await places.run(ctx, sent, async () => 'stored')).toBe('stored');
  });
});

it('a source of which too many alerts wait is answered 429 with Retry-After, and nothing of that request is stored', async () => {
  const stored: unknown[] = [];
  const refusals: string[] = [];
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const app = await start({
    env: { INGEST_TOKENS: `prometheus:${TOKENS.prometheus},other:other-token-0123456789` },
    services: {
      refused: (kind) => void refusals.push(kind),
      async ingest(source, alerts) {
        if (source === 'prometheus') await finished;
        stored.push(source);
        return { accepted: alerts.length, alerts: [] };
      },
    },
  });
  const alerts = Array.from({ length: LARGE }, (_, n) => ({ alert_id: String(n), status: 'firing', title: 'T' }));
  const answers: Response[] = [];
  const flood = Array.from({ length: 4 }, async () => {
    answers.push(await app.post('/api/alerts', { source: 'prometheus', alerts }, bearer(TOKENS.prometheus)));
  });
  // One runs, and two wait.
  await expect.poll(() => answers.map(({ status }) => status)).toEqual([429]);
  const [refused] = answers as [Response];
  expect(refused.headers.get('retry-after')).toBe('5');
  expect((await errorOf(refused)).message).toContain('Nothing of this request was stored');
  expect(refusals).toEqual(['too_many_waiting']);
  const other = { source: 'other', alerts: alerts.slice(0, 1) };
  expect((await app.post('/api/alerts', other, bearer('other-token-0123456789'))).status).toBe(202);
  expect(stored).toEqual(['other']);
  finish();
  await Promise.all(flood);
  expect(answers.map(({ status }) => status)).toEqual([429, 202, 202, 202]);
  expect(stored).toEqual(['other', ...Array(3).fill('prometheus')]);
});
