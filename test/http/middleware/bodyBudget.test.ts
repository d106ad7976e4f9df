import { expect, it } from 'vitest';
import type { Ctx } from '../../../src/http/context.ts';
import { type BodyBudget, createBodyBudget } from '../../../src/http/middleware/bodyBudget.ts';

const request = (headers: Record<string, string>, ip = '192.0.2.1') =>
  ({ ip, get: (name: string) => headers[name] ?? '' }) as unknown as Ctx;
const ofBytes = (bytes: number, ip?: string) => request({ 'content-length': String(bytes) }, ip);
const ROUTE = { bodyLimit: 1_000_000, caller: 'a' };
const CHUNKED = { 'transfer-encoding': 'chunked' };
/** Returns what gives the memory back. */
const reserve = async (budget: BodyBudget, ...request: Parameters<BodyBudget['reserve']>) =>
  (await budget.reserve(...request)).release;

it('a large body waits until others have given back enough memory', async () => {
  const budget = createBodyBudget({ maxBytes: 1_000_000 });
  const started: string[] = [];
  const first = await reserve(budget, ofBytes(600_000), ROUTE);
  const second = reserve(budget, ofBytes(600_000), ROUTE).then((release) => {
    started.push('second');
    return release;
  });
  const small = await reserve(budget, ofBytes(1_000), ROUTE);
  expect(started).toEqual([]);
  first();
  (await second)();
  small();
  expect(started).toEqual(['second']);
});

it('a body of unknown length counts as the largest that the route accepts', async () => {
  const budget = createBodyBudget({ maxBytes: 1_000_000, waitMs: 20 });
  await reserve(budget, request({ 'transfer-encoding': 'chunked' }), ROUTE);
  await expect(reserve(budget, ofBytes(100_000), ROUTE)).rejects.toMatchObject({ code: 'busy' });
});

it('a request that gave up waiting leaves its place to the next one', async () => {
  const budget = createBodyBudget({ maxBytes: 1_000_000, waitMs: 20 });
  const first = await reserve(budget, ofBytes(900_000), ROUTE);
  await expect(reserve(budget, ofBytes(900_000), ROUTE)).rejects.toMatchObject({ code: 'busy' });
  first();
  const next = await reserve(budget, ofBytes(900_000), ROUTE);
  next();
});

it('callers without a token that stall keep neither other networks nor callers with a token waiting', async () => {
  const budget = createBodyBudget({ maxBytes: 1_600_000, waitMs: 20 });
  const stalled = (ip: string) => reserve(budget, ofBytes(100_000, ip), { ...ROUTE, caller: null });
  await stalled('192.0.2.1');
  await expect(stalled('192.0.2.1')).rejects.toMatchObject({ code: 'busy' });
  for (let n = 2; n <= 8; n += 1) await stalled(`192.0.2.${n}`);
  const waiting = stalled('192.0.2.9');
  (await reserve(budget, ofBytes(800_000), ROUTE))();
  await expect(waiting).rejects.toMatchObject({ code: 'busy' });
});

it('beyond a hundred callers without a token that wait, another one is refused unless its body fits', async () => {
  const budget = createBodyBudget({ maxBytes: 1_600_000 });
  const stranger = (ip: string) => reserve(budget, ofBytes(100_000, ip), { ...ROUTE, caller: null });
  const first = await stranger('192.0.2.1');
  const waiting = Array.from({ length: 100 }, async () => (await stranger('192.0.2.1'))());
  await expect(stranger('192.0.2.1')).rejects.toMatchObject({ code: 'busy' });
  (await stranger('192.0.2.2'))();
  (await reserve(budget, ofBytes(100_000), ROUTE))();
  first();
  await Promise.all(waiting);
});

it('a caller whose bodies stall leaves memory for the bodies of others, which start at once', async () => {
  const budget = createBodyBudget({ maxBytes: 8_000_000 });
  const started: string[] = [];
  const chunkedOf = async (caller: string) => {
    const release = await reserve(budget, request(CHUNKED), { ...ROUTE, caller });
    started.push(caller);
    return release;
  };
  const stalled = Array.from({ length: 28 }, () => chunkedOf('a'));
  const releases = [await stalled[0], await stalled[1]];
  (await chunkedOf('b'))();
  (await reserve(budget, ofBytes(100_000), { ...ROUTE, caller: 'c' }))();
  expect(started).toEqual(['a', 'a', 'b']);
  for (const release of releases) release?.();
  for (const release of stalled.slice(2)) (await release)();
  expect(started.filter((caller) => caller === 'a')).toHaveLength(28);
});

it('beyond a hundred waiting bodies of one caller, another one of it is refused at once', async () => {
  const budget = createBodyBudget({ maxBytes: 1_000_000 });
  const first = await reserve(budget, request(CHUNKED), ROUTE);
  const waiting = Array.from({ length: 100 }, async () => (await reserve(budget, ofBytes(100_000), ROUTE))());
  await expect(reserve(budget, ofBytes(100_000), ROUTE)).rejects.toMatchObject({ code: 'busy' });
  first();
  await Promise.all(waiting);
});

it('a body of unknown length counts with its real length once it was read', async () => {
  const budget = createBodyBudget({ maxBytes: 8_000_000, waitMs: 20 });
  const large = await budget.reserve(request(CHUNKED), ROUTE);
  const small = await budget.reserve(request(CHUNKED), ROUTE);
  const third = reserve(budget, request(CHUNKED), ROUTE);
  large.wasRead(900_000);
  small.wasRead(100_000);
  const release = await third;
  await expect(reserve(budget, ofBytes(100_000), ROUTE)).rejects.toMatchObject({ code: 'busy' });
  large.wasRead(1_000);
  await reserve(budget, ofBytes(900_000), ROUTE);
  for (const give of [large.release, small.release, release]) give();
});

it('a body that is longer than was reserved for it takes no more memory afterwards', async () => {
  const budget = createBodyBudget({ maxBytes: 1_000_000, waitMs: 20 });
  const body = await budget.reserve(ofBytes(400_000), ROUTE);
  body.wasRead(2_000_000);
  await reserve(budget, ofBytes(100_000), { ...ROUTE, caller: 'b' });
});
