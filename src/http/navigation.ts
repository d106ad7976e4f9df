import type { Ctx } from './context.ts';

const allows = (ctx: Ctx, header: string, values: readonly string[]): boolean => {
  const value = ctx.get(header);
  return value === '' || values.includes(value);
};

/**
 * Browsers say what they load an address for. An image, a frame or a script of another site, and a page that is loaded
 * before anybody asked for it, must do nothing in the visitor's name. Callers that are not browsers send no such headers.
 */
export function isNavigation(ctx: Ctx): boolean {
  const isEarly = /prefetch|prerender/i.test(`${ctx.get('sec-purpose')} ${ctx.get('purpose')}`);
  return !isEarly && allows(ctx, 'sec-fetch-mode', ['navigate']) && allows(ctx, 'sec-fetch-dest', ['document']);
}

/** A navigation that began in the address bar or on a page of this site, not on one of another. */
export const isOwnNavigation = (ctx: Ctx): boolean =>
  isNavigation(ctx) && allows(ctx, 'sec-fetch-site', ['none', 'same-origin', 'same-site']);
