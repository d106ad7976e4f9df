import { timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import { hostName } from '../guardPages.ts';
import { bodyTooLarge } from '../receiveBody.ts';
import { htmlError, sendMessage } from './htmlError.ts';
import { inputOf } from './jsonInput.ts';
import type { Conditions } from './model.ts';

/** Runs before routing: the redirect of the web server, then the checks of the framework. */
export function gate({ conditions, appHost }: { conditions: Conditions; appHost: string | undefined }): Middleware {
  return async (ctx, next) => {
    if (ctx.path.length > 1 && ctx.path.endsWith('/')) {
      ctx.status = 301;
      // Two slashes in front would lead to another site.
      ctx.redirect(ctx.path.replace(/\/+$/, '').replace(/^\/+/, '/') + ctx.search);
      return;
    }
    ctx.set('Cache-Control', 'max-age=0, must-revalidate, no-cache, no-store, private');
    if (conditions.maintenance) return sendMessage(ctx, 503, 'Service Unavailable');
    if (bodyTooLarge(ctx)) return htmlError(ctx, 413, 'Payload Too Large');
    const host = hostName(ctx);
    if (appHost !== undefined && host !== appHost) return untrusted(ctx, host);
    if (conditions.api_module_off) return htmlError(ctx, 404, 'Page Not Found');
    await next();
  };
}

function untrusted(ctx: Context, host: string): void {
  const advice = `Add the following to your .env file and clear cache: APP_TRUSTED_HOSTS ='${host}'[display]`;
  sendMessage(ctx, 403, `Untrusted Host: ${host}. ${advice}`);
}

/** The key is accepted in `api_key`, from any part of the request, and in its own header. Bearer and Basic are ignored. */
export function keyCheck({ conditions, apiKey }: { conditions: Conditions; apiKey: string }): Middleware {
  return async (ctx, next) => {
    const given = inputOf(ctx).api_key ?? ctx.get('x-freescout-api-key');
    if (conditions.wrong_key || typeof given !== 'string' || !isSame(given, apiKey)) {
      ctx.status = 401;
      ctx.body = { message: 'Not Authorized' };
      return;
    }
    await next();
  };
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
