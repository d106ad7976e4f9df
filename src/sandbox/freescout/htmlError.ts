import type { Context } from 'koa';
import { escapeHtml } from '../safeHtml.ts';

/** The framework responds with JSON only when JSON is the first accepted type, or to an XMLHttpRequest. */
function wantsJson(ctx: Context): boolean {
  const first = ctx.get('accept').split(',', 1)[0] ?? '';
  const isScript = ctx.get('x-requested-with').toLowerCase() === 'xmlhttprequest';
  return /[/+]json/.test(first) || (isScript && ['', '*/*'].includes(first.trim()));
}

/** An error of the framework itself: JSON with an empty message, or an HTML page with a title. */
export function htmlError(ctx: Context, status: number, title: string): void {
  send(ctx, status, '', title);
}

/** The same, with the message in the JSON too. */
export function sendMessage(ctx: Context, status: number, message: string): void {
  send(ctx, status, message, message);
}

function send(ctx: Context, status: number, message: string, title: string): void {
  ctx.status = status;
  if (wantsJson(ctx)) {
    ctx.body = { message };
    return;
  }
  ctx.type = 'text/html; charset=utf-8';
  const shown = escapeHtml(title);
  ctx.body = `<!DOCTYPE html>\n<html lang="en"><head><title>${shown}</title></head><body><h1>${status}</h1><p>${shown}</p></body></html>`;
}
