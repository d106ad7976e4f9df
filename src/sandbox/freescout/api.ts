import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { SandboxLog } from '../httpListener.ts';
import { createConversationHandlers } from './conversationHandlers.ts';
import { gate, keyCheck } from './gate.ts';
import type { Handler } from './handler.ts';
import { htmlError, sendMessage } from './htmlError.ts';
import type { FreeScoutInstance } from './instance.ts';
import { inputOf } from './jsonInput.ts';
import { createRecordHandlers } from './recordHandlers.ts';
import { Refusal } from './refusal.ts';
import { createWebhookHandlers } from './webhookHandlers.ts';
import { phpJson } from './webhookSender.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

interface Deps {
  instance: FreeScoutInstance;
  apiKey: string;
  appHost: string | undefined;
  log?: SandboxLog | undefined;
}

/** Everything under `/api`, and the response for unknown paths. */
export function freeScoutApi({ instance, apiKey, appHost, log }: Deps): Middleware {
  const router = new Router({ prefix: '/api' });
  const conversations = createConversationHandlers(instance);
  const records = createRecordHandlers(instance);
  const webhooks = createWebhookHandlers(instance);
  const serve = (handler: Handler): Middleware => withHandler(handler, instance, log);

  router.post('/conversations', serve(conversations.create));
  router.get('/conversations', serve(conversations.list));
  router.get('/conversations/:id', serve(conversations.get));
  router.put('/conversations/:id', serve(conversations.update));
  router.delete('/conversations/:id', serve(conversations.remove));
  router.post('/conversations/:id/threads', serve(conversations.addThread));
  router.put('/conversations/:id/tags', serve(conversations.setTags));
  router.get('/tags', serve(records.listTags));
  // FreeScout has no route for a single mailbox.
  router.get('/mailboxes', serve(records.listMailboxes));
  router.get('/users', serve(records.listUsers));
  router.get('/users/:id', serve(records.getUser));
  router.get('/customers', serve(records.listCustomers));
  router.post('/customers', serve(records.createCustomer));
  router.get('/customers/:id', serve(records.getCustomer));
  router.get('/webhooks', serve(webhooks.list));
  router.post('/webhooks', serve(webhooks.create));
  router.delete('/webhooks/:id', serve(webhooks.remove));

  const enter = gate({ conditions: instance.conditions, appHost });
  const authorize = keyCheck({ conditions: instance.conditions, apiKey });
  const routes = router.routes();

  // Routing comes before the key check, as in the framework: an unknown path is 404 with any key.
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

function withHandler(handler: Handler, instance: FreeScoutInstance, log: SandboxLog | undefined): Middleware {
  return (ctx) => {
    try {
      const answer = handler({ params: ctx.params as Record<string, string | undefined>, input: inputOf(ctx) });
      if (answer.resourceId !== undefined) ctx.set('Resource-ID', String(answer.resourceId));
      send(ctx, answer.status, answer.body);
    } catch (error) {
      if (error instanceof Refusal) return send(ctx, error.status, error.body);
      log?.debug({ err: error }, 'sandbox FreeScout failed to process a request');
      sendMessage(ctx, 500, 'Server Error');
    } finally {
      // Also after a failure: there are no transactions here, so part of the change may have been made.
      if (ctx.method !== 'GET') instance.changed();
    }
  };
}

function send(ctx: Context, status: number, body: object | undefined): void {
  ctx.status = status;
  if (body === undefined) return;
  ctx.type = 'application/json';
  ctx.body = phpJson(body);
}
