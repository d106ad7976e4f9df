import type { Ctx } from './context.ts';
import type { Reply } from './endpoint.ts';
import type { Flashes } from './flash.ts';
import { wantsFragment, wantsPage } from './negotiate.ts';
import type { Pages } from './pages.tsx';

export type Respond = (ctx: Ctx, reply: Reply) => Promise<void>;

/** Sends the reply of a route as JSON, a page, a fragment or a redirect, as the caller prefers. */
export function createRespond({ pages, flashes }: { pages: Pages; flashes: Flashes }): Respond {
  return async (ctx, reply) => {
    if (reply.kind === 'view' || reply.kind === 'done') ctx.vary(['Accept', 'HX-Request']);
    switch (reply.kind) {
      case 'view':
        return wantsPage(ctx) ? pages.show(ctx, reply.page(), reply.status) : json(ctx, reply.json, reply.status);
      case 'done':
        if (!wantsPage(ctx)) return json(ctx, reply.json);
        if (reply.outcome && wantsFragment(ctx)) return pages.fragment(ctx, reply.outcome());
        flashes.put(ctx, reply.flash);
        return seeOther(ctx, reply.back);
      case 'json':
        return json(ctx, reply.json, reply.status);
      case 'redirect':
        return seeOther(ctx, reply.to);
      case 'text':
        ctx.type = reply.type;
        ctx.body = reply.text;
        return;
      case 'written':
        return;
    }
  };
}

export function json(ctx: Ctx, body: unknown, status = 200): void {
  ctx.status = status;
  ctx.type = 'application/json; charset=utf-8';
  ctx.body = JSON.stringify(body);
}

export function seeOther(ctx: Ctx, to: string): void {
  ctx.redirect(to);
  ctx.status = 303;
  ctx.body = '';
}
