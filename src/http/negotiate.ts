import type { Ctx } from './context.ts';

/** A page only for those who prefer one: scripts that accept anything get JSON. */
export function wantsPage(ctx: Ctx): boolean {
  return ctx.accepts('json', 'html') === 'html';
}

/** Our own script asks for the inside of the page only, to put it into the one already shown. */
export function wantsFragment(ctx: Ctx): boolean {
  return ctx.get('hx-request') === 'true' || 'fragment' in ctx.query;
}

export function isForm(ctx: Ctx): boolean {
  return ctx.is('urlencoded') === 'urlencoded';
}
