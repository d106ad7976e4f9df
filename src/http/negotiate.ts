import type { Ctx } from './context.ts';

/** Only callers that prefer HTML get a page; scripts that accept anything get JSON. */
export function wantsPage(ctx: Ctx): boolean {
  return ctx.accepts('json', 'html') === 'html';
}

/** Our own script requests only the main content, to update an open page. */
export function wantsFragment(ctx: Ctx): boolean {
  return ctx.get('hx-request') === 'true' || 'fragment' in ctx.query;
}

export function isForm(ctx: Ctx): boolean {
  return ctx.is('urlencoded') === 'urlencoded';
}
