import { PassThrough } from 'node:stream';
import type { Middleware } from 'koa';

export interface Live {
  /** Sends a change event to every open page. */
  changed(): void;
  /** Handles `GET /events` with server-sent events. */
  route: Middleware;
}

/** Live updates for the pages of a sandbox. Pages also work without it; they only do not refresh by themselves. */
export function createLive(): Live {
  const open = new Set<PassThrough>();
  let waiting = false;

  return {
    changed() {
      if (waiting) return;
      // Changes within a short time cause one refresh.
      waiting = true;
      setTimeout(() => {
        waiting = false;
        for (const stream of open) stream.write('data: changed\n\n');
      }, 50).unref();
    },
    async route(ctx) {
      const stream = new PassThrough();
      open.add(stream);
      stream.on('close', () => open.delete(stream));
      ctx.req.on('close', () => stream.destroy());
      ctx.type = 'text/event-stream';
      ctx.set('Cache-Control', 'no-store');
      ctx.body = stream;
      stream.write('retry: 2000\n\n');
    },
  };
}
