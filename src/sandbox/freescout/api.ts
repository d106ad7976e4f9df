import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { SandboxLog } from '../server.ts';
import { gate, keyCheck } from './gate.ts';
import { createHandlers, type Handler } from './handlers.ts';
import type { House } from './house.ts';
import { htmlError, sendMessage } from './htmlError.ts';
import { inputOf } from './input.ts';
import { Refusal } from './refusal.ts';
import { phpJson } from './webhooks.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

interface Deps {
  house: House;
  apiKey: string;
  appHost: string | undefined;
  log?: SandboxLog | undefined;
}

/** Everything under `/api`, and the answer for every path that nobody knows. */
export function freeScoutApi({ house, apiKey, appHost, log }: Deps): Middleware {
  const router = new Router({ prefix: '/api' });
  const { conversations, others } = createHandlers(house);
  const serve = (handler: Handler): Middleware => withHandler(handler, house, log);

  router.post('/conversations', serve(conversations.create));
  router.get('/conversations', serve(conversations.list));
  router.get('/conversations/:id', serve(conversations.get));
  router.put('/conversations/:id', serve(conversations.update));
  router.delete('/conversations/:id', serve(conversations.remove));
  router.post('/conversations/:id/threads', serve(conversations.addThread));
  router.put('/conversations/:id/tags', serve(conversations.setTags));
  router.get('/tags', serve(others.listTags));
  // There is no route for a single mailbox.
  router.get('/mailboxes', serve(others.listMailboxes));
  router.get('/users', serve(others.listUsers));
  router.get('/users/:id', serve(others.getUser));
  router.get('/customers', serve(others.listCustomers));
  router.post('/customers', serve(others.createCustomer));
  router.get('/customers/:id', serve(others.getCustomer));
  router.get('/webhooks', serve(others.listWebhooks));
  router.post('/webhooks', serve(others.createWebhook));
  router.delete('/webhooks/:id', serve(others.removeWebhook));

  const enter = gate({ conditions: house.conditions, appHost });
  const authorize = keyCheck({ conditions: house.conditions, apiKey });
  const routes = router.routes();

  // Routing comes before the key check, as in the framework: an unknown path is 404 for everyone.
  return (ctx, next) =>
    enter(ctx, async () => {
      const { path, route } = router.match(ctx.path, ctx.method);
      if (path.length === 0) return htmlError(ctx, 404, 'Page Not Found');
      if (!route) {
        const known = new Set(path.flatMap(({ methods }) => methods));
        ctx.set('Allow', METHODS.filter((method) => known.has(method)).join(', '));
        return htmlError(ctx, 405, 'Method Not Allowed');
      }
      return authorize(ctx, async () => {
        if (ctx.method === 'HEAD') {
          ctx.status = 405;
          ctx.type = 'application/json';
          ctx.body = '"Method Not Allowed"';
          return;
        }
        await routes(ctx as Parameters<typeof routes>[0], next);
      });
    });
}

function withHandler(handler: Handler, house: House, log: SandboxLog | undefined): Middleware {
  return (ctx) => {
    try {
      const answer = handler({ params: ctx.params as Record<string, string | undefined>, input: inputOf(ctx) });
      if (answer.resourceId !== undefined) ctx.set('Resource-ID', String(answer.resourceId));
      send(ctx, answer.status, answer.body);
    } catch (error) {
      if (error instanceof Refusal) return send(ctx, error.status, error.body);
      log?.debug({ err: error }, 'sandbox help desk tripped over a request');
      sendMessage(ctx, 500, 'Server Error');
    } finally {
      // Also after a failure: nothing here is a transaction, so part of it may have happened.
      if (ctx.method !== 'GET') house.changed();
    }
  };
}

function send(ctx: Context, status: number, body: object | undefined): void {
  ctx.status = status;
  if (body === undefined) return;
  ctx.type = 'application/json';
  ctx.body = phpJson(body);
}
