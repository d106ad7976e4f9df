import type Router from '@koa/router';
import type { Context } from 'koa';
import { ZodError } from 'zod';
import { ControlPage, type ControlPageProps } from './controlPage.tsx';
import { type Faults, parseFault } from './faultSwitches.ts';
import { sendPage } from './pageShell.tsx';
import type { Live } from './pageUpdates.ts';
import { fields, isForm } from './receiveBody.ts';
import type { RequestLog } from './receivedRequests.ts';

/** Named conditions of the simulated server; each lasts until it is switched back. */
export interface Switches {
  all(): Record<string, boolean>;
  /** Returns false when there is no switch with that name. */
  set(name: string, on: boolean): boolean;
}

export interface ControlOptions {
  product: string;
  nav: ControlPageProps['nav'];
  faults: Faults;
  requests: RequestLog;
  live: Live;
  switches?: Switches;
}

const PATH = '/__control';

/**
 * The routes that inject faults into a sandbox, for people (forms) and for scripts (JSON):
 * `GET|POST|DELETE /__control/faults`, `DELETE /__control/faults/:id`, `GET|POST /__control/switches`,
 * `GET|DELETE /__control/requests`, and a page at `/__control`.
 */
export function controlRoutes(router: Router, options: ControlOptions): void {
  const { product, nav, faults, requests, live, switches } = options;

  const done = (ctx: Context, status: number, body?: object) => {
    live.changed();
    if (isForm(ctx)) return ctx.redirect(PATH);
    ctx.status = status;
    if (body) ctx.body = body;
  };

  router.get(PATH, (ctx) => {
    const page = { product, nav, faults: faults.list(), switches: switches?.all() ?? {}, requests: requests.shown() };
    sendPage(ctx, <ControlPage {...page} />);
  });

  router.get(`${PATH}/faults`, (ctx) => {
    ctx.body = { faults: faults.list() };
  });
  router.post(`${PATH}/faults`, (ctx) => {
    try {
      done(ctx, 201, { id: faults.add(parseFault(fields(ctx))) });
    } catch (error) {
      if (!(error instanceof ZodError)) throw error;
      ctx.status = 400;
      ctx.body = { errors: error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message })) };
    }
  });
  const clear = (ctx: Context) => {
    faults.clear();
    done(ctx, 204);
  };
  router.delete(`${PATH}/faults`, clear);
  router.post(`${PATH}/faults/clear`, clear);
  router.delete(`${PATH}/faults/:id`, (ctx) => {
    ctx.status = faults.remove(ctx.params.id ?? '') ? 204 : 404;
  });

  router.get(`${PATH}/switches`, (ctx) => {
    ctx.body = switches?.all() ?? {};
  });
  router.post(`${PATH}/switches`, (ctx) => {
    const wanted = Object.entries(fields(ctx));
    const unknown = wanted.find(([name]) => !(name in (switches?.all() ?? {})));
    if (unknown) {
      ctx.status = 400;
      ctx.body = { errors: [{ field: unknown[0], message: 'Unknown switch.' }] };
      return;
    }
    for (const [name, value] of wanted) switches?.set(name, isOn(value));
    done(ctx, 200, switches?.all() ?? {});
  });

  router.get(`${PATH}/requests`, (ctx) => {
    ctx.body = { requests: requests.shown() };
  });
  router.delete(`${PATH}/requests`, (ctx) => {
    requests.clear();
    ctx.status = 204;
  });
}

function isOn(value: unknown): boolean {
  return value === true || value === 1 || ['1', 'true', 'on'].includes(String(value));
}
