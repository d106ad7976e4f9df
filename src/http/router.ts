import Router from '@koa/router';
import type { Middleware } from 'koa';
import { Problem } from '../lib/problem.ts';
import type { Refuse } from '../model/people.ts';
import type { Ctx, RequestState } from './context.ts';
import type { Endpoint } from './endpoint.ts';
import { checkInput, dropEmptyValues, invalidInput, withFaults } from './input.ts';
import { authorize, requireRecentSignIn } from './middleware/authenticate.ts';
import { BODY_LIMIT, parsedLength, readBody } from './middleware/body.ts';
import { createBodyBudget, NOTHING_RESERVED } from './middleware/bodyBudget.ts';
import type { Csrf } from './middleware/csrf.ts';
import type { Respond } from './reply.ts';
import { nothing } from './schemas/inputs.ts';

interface Deps {
  csrf: Csrf;
  respond: Respond;
  refused: Refuse;
  /** 0 where admins need no recent sign-in. */
  adminSignInMinutes: number;
}

interface Routing {
  routes: Middleware<RequestState>;
  /** Answers 405 for known paths with another method. */
  methods: Middleware<RequestState>;
}

/** Every route takes the same steps: authorize, check the input, handle, respond. */
export function createRouter(
  { csrf, respond, refused, adminSignInMinutes }: Deps,
  endpoints: readonly Endpoint[],
): Routing {
  const router = new Router<RequestState>();
  // What strangers and pages send must not take the memory that alerts need.
  const budgets = { alerts: createBodyBudget(), others: createBodyBudget() };
  for (const endpoint of endpoints) {
    const bodyBudget = takesAlerts(endpoint) ? budgets.alerts : budgets.others;
    router[endpoint.method](endpoint.path, async (ctx: Ctx & { params: Record<string, string> }) => {
      ctx.state.route = endpoint.path;
      if (endpoint.exactPath && ctx.path !== endpoint.path) throw new Problem('not_found', 'Not found.');
      authorize(ctx, endpoint.access);
      requireRecentSignIn(ctx, endpoint.access, adminSignInMinutes);
      const params = checkInput(endpoint.params ?? nothing, ctx.params, 'path');
      const query = checkInput(endpoint.query ?? nothing, dropEmptyValues(ctx.query), 'query');
      const faults = [...params.faults, ...query.faults];
      let reserved = NOTHING_RESERVED;
      const reserveBody = async (bodyLimit: number, caller: string | null) => {
        reserved = await bodyBudget.reserve(ctx, { bodyLimit, caller }).catch((error: unknown) => {
          const { source } = ctx.state;
          if (source !== null) refused('busy', ctx.ip, source);
          throw error;
        });
        return reserved.wasRead;
      };
      try {
        if (takesBody(endpoint) && !endpoint.reservesBody) {
          await reserveBody(endpoint.bodyLimit ?? BODY_LIMIT, endpoint.access === 'anyone' ? null : callerOf(ctx));
        }
        const body = await bodyOf(ctx, endpoint).catch((error: unknown) => {
          throw withFaults(error, faults);
        });
        const length = parsedLength(ctx);
        if (length !== null) reserved.wasRead(length);
        if (faults.length > 0) throw invalidInput(faults);
        await respond(ctx, await endpoint.handle(ctx, { params: params.data, query: query.data, body, reserveBody }));
      } finally {
        reserved.release();
      }
    });
  }
  return {
    routes: router.routes() as Middleware<RequestState>,
    methods: router.allowedMethods() as Middleware<RequestState>,
  };

  async function bodyOf(ctx: Ctx, endpoint: Endpoint): Promise<unknown> {
    if (!takesBody(endpoint) || endpoint.raw) return undefined;
    const { value, csrfToken } = await readBody(ctx, endpoint);
    csrf.check(ctx, csrfToken);
    return value;
  }
}

/** A source is one caller, whichever route it uses. */
const callerOf = ({ state: { principal } }: Ctx): string | null => principal && (principal.source ?? principal.name);

const takesBody = ({ method }: Endpoint): boolean => method !== 'get' && method !== 'options';

/** Their bodies may be larger than those of other routes. */
const takesAlerts = ({ bodyLimit, reservesBody = false }: Endpoint): boolean => reservesBody || bodyLimit !== undefined;
