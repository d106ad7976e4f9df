import { PassThrough } from 'node:stream';
import type { Middleware } from 'koa';

export interface Live {
  /** Tells every open page that something changed. */
  changed(): void;
  /** Answers `GET /events` with server-sent events. */
  route: Middleware;
}

/** Keeps pages of a sandbox up to date. Pages work without it, they are only older. */
export function createLive(): Live {
  const open = new Set<PassThrough>();
  let waiting = false;

  return {
    changed() {
      if (waiting) return;
      // Many changes at once make one refresh.
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
