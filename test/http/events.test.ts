import { describe, expect, it } from 'vitest';
import { createSigner } from '../../src/http/signing.ts';
import { HOLDER, SESSION_TOKEN } from './samples.ts';
import { bearer, type Running, SIGN_IN, start, TOKENS } from './support.ts';

interface Reading {
  response: Response;
  /** Waits until all of these have come; answers everything that has. */
  until(...wanted: string[]): Promise<string>;
  /** Everything up to the end of the stream. */
  end(): Promise<string>;
}

async function listen(app: Running, headers: Record<string, string> = {}): Promise<Reading> {
  const response = await app.get('/console/events', headers);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  const next = async () => {
    const chunk = await reader?.read();
    heard += chunk?.value ?? '';
    return chunk?.done !== true;
  };
  return {
    response,
    async until(...wanted) {
      while (!wanted.every((text) => heard.includes(text)) && (await next()));
      return heard;
    },
    async end() {
      while (await next());
      return heard;
    },
  };
}

describe('the live link', () => {
  it('begins with hello and names what changed', async () => {
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

  it('gathers a burst of changes into one message', async () => {
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

  it('names nobody where very many changed', async () => {
    const app = await start();
    const link = await listen(app);
    await link.until('hello');
    app.announce(Array.from({ length: 101 }, (_, n) => `alert:x:${n}`));
    expect(await link.until('changed')).toContain('data: {"actors":[],"many":true,"flags":false}');
  });

  it('tells one who comes back to catch up', async () => {
    const app = await start();
    const link = await listen(app, { 'last-event-id': '7' });
    expect(await link.until('hello')).toContain('data: {"catch_up":true}');
  });

  it('reaches every reader, whoever else has left', async () => {
    const app = await start();
    const [first, second] = [await listen(app), await listen(app)];
    await first.until('hello');
    await first.response.body?.cancel().catch(() => {});
    app.announce(['surface:api-prod']);
    expect(await second.until('changed')).toContain('surface:api-prod');
    expect(app.listeners()).toBe(1);
  });

  it('ends when the server does, and listens to nothing after that', async () => {
    const app = await start();
    const link = await listen(app);
    await link.until('hello');
    const closing = app.close();
    expect(await link.end()).toContain('hello');
    await closing;
    expect(app.listeners()).toBe(0);
  });

  describe('of a person', () => {
    const signedIn = (remaining_ms: number) => ({
      env: SIGN_IN,
      services: { session: async () => ({ ...HOLDER, remaining_ms }) },
    });
    const cookie = () => {
      const signed = createSigner(SIGN_IN.SESSION_SECRET).sign('session', SESSION_TOKEN);
      return { cookie: `console_session=${signed}` };
    };

    it('ends when that session is ended, and says so', async () => {
      const app = await start(signedIn(3_600_000));
      const link = await listen(app, cookie());
      await link.until('hello');
      app.ended(['another']);
      app.announce(['surface:api-prod']);
      await link.until('changed');
      app.ended([HOLDER.id]);
      expect(await link.end()).toMatch(/event: signed-out\ndata: \{\}\n\n$/);
    });

    it('ends without a word when some session may have been ended, so that its reader comes back to be looked at', async () => {
      const app = await start(signedIn(3_600_000));
      const link = await listen(app, cookie());
      await link.until('hello');
      app.ended('all');
      expect(await link.end()).not.toContain('signed-out');
    });

    it('lasts no longer than the session', async () => {
      const app = await start(signedIn(50));
      const link = await listen(app, cookie());
      expect(await link.end()).toContain('hello');
    });

    it('of a token knows nothing of sessions', async () => {
      const app = await start(signedIn(50));
      const link = await listen(app, bearer(TOKENS.viewer));
      await link.until('hello');
      app.ended('all');
      app.announce(['surface:api-prod']);
      expect(await link.until('changed')).toContain('surface:api-prod');
    });
  });

  it('has no body for HEAD', async () => {
    const app = await start();
    const response = await fetch(`${app.url}/console/events`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });
});
