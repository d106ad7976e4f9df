import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { Ctx, RequestState } from './context.ts';
import type { Endpoint } from './endpoint.ts';
import { checked, withoutEmpty } from './input.ts';
import { authorize } from './middleware/authenticate.ts';
import { readBody } from './middleware/body.ts';
import type { Csrf } from './middleware/csrf.ts';
import type { Respond } from './reply.ts';
import { nothing } from './schemas/inputs.ts';

interface Deps {
  csrf: Csrf;
  respond: Respond;
}

interface Routing {
  routes: Middleware<RequestState>;
  /** Says of what no route answered whether another method would be. */
  methods: Middleware<RequestState>;
}

/** Every route goes the same way: may they, what did they send, do it, answer. */
export function createRouter({ csrf, respond }: Deps, endpoints: readonly Endpoint[]): Routing {
  const router = new Router<RequestState>();
  for (const endpoint of endpoints) {
    router[endpoint.method](endpoint.path, async (ctx: Ctx & { params: Record<string, string> }) => {
      authorize(ctx, endpoint.access);
      const params = checked(endpoint.params ?? nothing, ctx.params, 'path');
      const query = checked(endpoint.query ?? nothing, withoutEmpty(ctx.query), 'query');
      const body = await bodyOf(ctx, endpoint);
      await respond(ctx, await endpoint.handle(ctx, { params, query, body }));
    });
  }
  return {
    routes: router.routes() as Middleware<RequestState>,
    methods: router.allowedMethods() as Middleware<RequestState>,
  };

  async function bodyOf(ctx: Ctx, endpoint: Endpoint): Promise<unknown> {
    if (endpoint.method === 'get' || endpoint.raw) return undefined;
    const { value, csrfToken } = await readBody(ctx, endpoint);
    csrf.check(ctx, csrfToken);
    return value;
  }
}
