import { once } from 'node:events';
import type { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { createLiveUpdates } from '../../src/http/liveUpdates.ts';
import { createSigner } from '../../src/http/signing.ts';
import { fakeConsoleApi } from './fakeConsoleApi.ts';
import { HOLDER, SESSION_TOKEN } from './samples.ts';
import { bearer, type Running, SIGN_IN, start, TOKENS } from './support.ts';

interface Reading {
  response: Response;
  /** Waits until all of these were received; returns everything received so far. */
  until(...wanted: string[]): Promise<string>;
  /** Returns everything up to the end of the stream. */
  end(): Promise<string>;
}

async function listen(app: Running, headers: Record<string, string> = {}, query = ''): Promise<Reading> {
  const response = await app.get(`/console/events${query}`, headers);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let received = '';
  const next = async () => {
    const chunk = await reader?.read();
    received += chunk?.value ?? '';
    return chunk?.done !== true;
  };
  return {
    response,
    async until(...wanted) {
      while (!wanted.every((text) => received.includes(text)) && (await next()));
      return received;
    },
    async end() {
      while (await next());
      return received;
    },
  };
}

describe('the event stream', () => {
  it('the event stream starts with hello and sends the ids of changed actors', async () => {
    const app = await start();
    const link = await listen(app);
    expect(link.response.headers.get('content-type')).toContain('text/event-stream');
    expect(link.response.headers.get('content-encoding')).toBeNull();
    expect(await link.until('hello')).toMatch(/^retry: 2000\n\nid: \d+\nevent: hello\ndata: \{"catch_up":false\}\n\n$/);
    app.announce(['surface:api-prod']);
    expect(await link.until('changed')).toContain(
      'event: changed\ndata: {"actors":["surface:api-prod"],"many":false,"flags":false}\n\n',
    );
  });

  it('a burst of changes is sent as one event', async () => {
    const app = await start();
    const link = await listen(app);
    await link.until('hello');
    app.announce(['surface:a']);
    app.announce(['surface:b', 'surface:a']);
    app.announce([], true);
    expect(await link.until('changed')).toContain(
      'data: {"actors":["surface:a","surface:b"],"many":false,"flags":true}',
    );
  });

  it('a change of more than 100 actors is sent without their ids', async () => {
    const app = await start();
    const link = await listen(app);
    await link.until('hello');
    app.announce(Array.from({ length: 101 }, (_, n) => `alert:x:${n}`));
    expect(await link.until('changed')).toContain('data: {"actors":[],"many":true,"flags":false}');
  });

  it('a client that reconnects is told to catch up', async () => {
    const app = await start();
    const link = await listen(app, { 'last-event-id': '7' });
    expect(await link.until('hello')).toContain('data: {"catch_up":true}');
  });

  it('a page learns what changed between its rendering and the opening of its stream', async () => {
    const app = await start();
    // A process knows nothing of the time before its start.
    const { now } = performance;
    const later = vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 60_000);
    onTestFinished(() => later.mockRestore());
    app.announce(['surface:api-prod']);
    const link = await listen(app, {}, '?age_ms=40000');
    expect(await link.until('changed')).toContain(
      'data: {"catch_up":false}\n\nid: 0\nevent: changed\ndata: {"actors":["surface:api-prod"],"many":false,"flags":false}\n\n',
    );
  });

  it('a page that is older than this process knows is told to catch up', async () => {
    const link = await listen(await start(), {}, '?age_ms=600000');
    expect(await link.until('hello')).toContain('data: {"catch_up":true}');
  });

  it('a page that was rendered while notifications may have been missed is told to catch up', async () => {
    const app = await start();
    const { now } = performance;
    const later = vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 60_000);
    onTestFinished(() => later.mockRestore());
    app.ended('all');
    const link = await listen(app, {}, '?age_ms=40000');
    expect(await link.until('hello')).toContain('data: {"catch_up":true}');
  });

  it('a change reaches every client after another client has left', async () => {
    const app = await start();
    const [first, second] = [await listen(app), await listen(app)];
    await first.until('hello');
    await first.response.body?.cancel().catch(() => {});
    app.announce(['surface:api-prod']);
    expect(await second.until('changed')).toContain('surface:api-prod');
    expect(app.listeners()).toBe(1);
  });

  it('closing the server ends the streams and the subscription', async () => {
    const app = await start();
    const link = await listen(app);
    await link.until('hello');
    const closing = app.close();
    expect(await link.end()).toContain('hello');
    await closing;
    expect(app.listeners()).toBe(0);
  });

  describe('the event stream of a signed-in person', () => {
    const signedIn = (remaining_ms: number) => ({
      env: SIGN_IN,
      services: { session: async () => ({ ...HOLDER, authenticated_ms: null, remaining_ms }) },
    });
    const cookie = () => {
      const signed = createSigner(SIGN_IN.SESSION_SECRET).sign('session', SESSION_TOKEN);
      return { cookie: `console_session=${signed}` };
    };

    it('ending a session sends signed-out to its streams and ends them', async () => {
      const app = await start(signedIn(3_600_000));
      const link = await listen(app, cookie());
      await link.until('hello');
      app.ended(['another']);
      app.announce(['surface:api-prod']);
      await link.until('changed');
      app.ended([HOLDER.id]);
      expect(await link.end()).toMatch(/event: signed-out\ndata: \{\}\n\n$/);
    });

    it('streams end without signed-out if any session may have been ended, so that clients authenticate again', async () => {
      const app = await start(signedIn(3_600_000));
      const link = await listen(app, cookie());
      await link.until('hello');
      app.ended('all');
      expect(await link.end()).not.toContain('signed-out');
    });

    it('a stream ends when its session expires', async () => {
      const app = await start(signedIn(50));
      const link = await listen(app, cookie());
      expect(await link.end()).toContain('hello');
    });

    it('a stream opened with a token is not affected by sessions', async () => {
      const app = await start(signedIn(50));
      const link = await listen(app, bearer(TOKENS.viewer));
      await link.until('hello');
      app.ended('all');
      app.announce(['surface:api-prod']);
      expect(await link.until('changed')).toContain('surface:api-prod');
    });
  });

  describe('the event stream of a token', () => {
    it.each<[string, number, Partial<Config>]>([
      ['was replaced', 401, { apiTokens: [{ name: 'dash', role: 'viewer', token: 'a-new-token-0123456789abcdef' }] }],
      ['may only send alerts now', 403, { apiTokens: [], ingestTokens: [{ source: 'dash', token: TOKENS.viewer }] }],
    ])('the stream of a token that %s ends before the next message', async (_, status, secrets) => {
      const app = await start();
      const [viewer, developer] = [await listen(app, bearer(TOKENS.viewer)), await listen(app)];
      await Promise.all([viewer.until('hello'), developer.until('hello')]);
      app.replaceSecrets(secrets);
      app.announce(['surface:api-prod']);
      expect(await viewer.end()).not.toContain('api-prod');
      expect(await developer.until('changed')).toContain('api-prod');
      expect((await listen(app, bearer(TOKENS.viewer))).response.status).toBe(status);
    });

    it('the stream of a token goes on where other tokens were replaced', async () => {
      const app = await start();
      const viewer = await listen(app, bearer(TOKENS.viewer));
      await viewer.until('hello');
      app.replaceSecrets({ apiTokens: [{ name: 'dash', role: 'viewer', token: TOKENS.viewer }], ingestTokens: [] });
      app.announce(['surface:api-prod']);
      expect(await viewer.until('changed')).toContain('api-prod');
    });
  });

  it('HEAD on the event stream has no body', async () => {
    const app = await start();
    const response = await fetch(`${app.url}/console/events`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });
});

it('one caller has at most 20 streams, and another caller still gets one', async () => {
  const app = await start();
  const links = [];
  for (let n = 0; n < 20; n += 1) links.push(await listen(app, bearer(TOKENS.viewer)));
  expect(links.map(({ response }) => response.status)).toEqual(Array(20).fill(200));
  expect((await listen(app, bearer(TOKENS.viewer))).response.status).toBe(429);
  expect((await listen(app, bearer(TOKENS.operator))).response.status).toBe(200);
  await links[0]?.response.body?.cancel().catch(() => undefined);
});

it('a process has at most 1,000 streams, whoever reads them', async () => {
  const live = createLiveUpdates(fakeConsoleApi().services);
  const open = (reader: number) => live.open(false, { reader: `reader ${reader}`, session: null, mayRead: () => true });
  const streams = Array.from({ length: 1_000 }, (_, n) => open(n));
  expect(() => open(1_000)).toThrow('Too many open pages');
  const closed = once(streams[0] as PassThrough, 'close');
  streams[0]?.destroy();
  await closed;
  expect(open(1_000).writable).toBe(true);
  live.close();
});
