import type Router from '@koa/router';
import type { Context } from 'koa';
import { ZodError } from 'zod';
import { type CommonFault, isActive, toggle } from './commonFaults.ts';
import { ControlPage, type ControlPageProps } from './controlPage.tsx';
import { type Faults, parseFault } from './faultSwitches.ts';
import { sendPage } from './pageShell.tsx';
import { fields, isForm } from './receiveBody.ts';
import type { RequestLog } from './receivedRequests.ts';
import { type Sites, sitesOf } from './sites.ts';
import type { Switches } from './switches.ts';

export interface ControlOptions {
  product: string;
  nav: ControlPageProps['nav'];
  faults: Faults;
  /** The faults that one click begins and ends. */
  common: readonly CommonFault[];
  requests: RequestLog;
  sites: Sites;
  switches?: Switches | undefined;
}

const PATH = '/__control';

/**
 * The routes that inject faults into a sandbox, for people (forms) and for scripts (JSON):
 * `GET|POST|DELETE /__control/faults`, `POST /__control/faults/common`, `DELETE /__control/faults/:id`,
 * `POST /__control/end-all` for every sandbox of the process, `GET|POST /__control/switches`,
 * `GET|DELETE /__control/requests`, and a page at `/__control`.
 */
export function controlRoutes(router: Router, options: ControlOptions): void {
  const { faults, sites } = options;

  router.get(PATH, (ctx) => sendControlPage(ctx, options));
  router.get(`${PATH}/faults`, (ctx) => {
    ctx.body = { faults: faults.list() };
  });
  router.post(`${PATH}/faults`, (ctx) => {
    try {
      done(ctx, sites, { status: 201, body: { id: faults.add(parseFault(fields(ctx))) } });
    } catch (error) {
      if (!(error instanceof ZodError)) throw error;
      ctx.status = 400;
      ctx.body = { errors: error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message })) };
    }
  });
  router.post(`${PATH}/faults/common`, (ctx) => {
    const { name } = fields(ctx);
    const chosen = options.common.find((fault) => fault.name === name);
    if (chosen === undefined) return refuse(ctx, 'name', 'Unknown fault.');
    toggle(faults, chosen);
    done(ctx, sites, { status: 200, body: { active: isActive(faults, chosen) } });
  });
  router.delete(`${PATH}/faults`, (ctx) => {
    faults.clear();
    done(ctx, sites, { status: 204 });
  });
  router.delete(`${PATH}/faults/:id`, (ctx) => {
    ctx.status = faults.remove(ctx.params.id ?? '') ? 204 : 404;
    sites.refresh();
  });
  router.post(`${PATH}/end-all`, (ctx) => {
    sites.endTroubles();
    done(ctx, sites, { status: 204, to: pageBefore(ctx) });
  });
  switchRoutes(router, options);
  requestRoutes(router, options);
}

function switchRoutes(router: Router, { switches, sites }: ControlOptions): void {
  router.get(`${PATH}/switches`, (ctx) => {
    ctx.body = switches?.all() ?? {};
  });
  router.post(`${PATH}/switches`, (ctx) => {
    const wanted = Object.entries(fields(ctx));
    const unknown = wanted.find(([name]) => !(name in (switches?.all() ?? {})));
    if (unknown) return refuse(ctx, unknown[0], 'Unknown switch.');
    for (const [name, value] of wanted) switches?.set(name, isOn(value));
    done(ctx, sites, { status: 200, body: switches?.all() ?? {} });
  });
}

function requestRoutes(router: Router, { requests }: ControlOptions): void {
  router.get(`${PATH}/requests`, (ctx) => {
    ctx.body = { requests: requests.shown() };
  });
  router.delete(`${PATH}/requests`, (ctx) => {
    requests.clear();
    ctx.status = 204;
  });
}

function sendControlPage(ctx: Context, { product, nav, faults, common, switches, requests }: ControlOptions): void {
  const page: ControlPageProps = {
    product,
    nav,
    common: common.map((fault) => ({ ...fault, active: isActive(faults, fault) })),
    switches: switches?.list() ?? [],
    isCalm: sitesOf(ctx).troubles().length === 0,
    requests: requests.shown(),
  };
  sendPage(ctx, <ControlPage {...page} />);
}

/** Updates the open pages. A form leads back to a page, a script gets the answer. */
function done(ctx: Context, sites: Sites, answer: { status: number; body?: object; to?: string }): void {
  sites.refresh();
  if (isForm(ctx)) {
    ctx.redirect(answer.to ?? PATH);
    return;
  }
  ctx.status = answer.status;
  if (answer.body) ctx.body = answer.body;
}

function refuse(ctx: Context, field: string, message: string): void {
  ctx.status = 400;
  ctx.body = { errors: [{ field, message }] };
}

/** The page of this sandbox whose form was sent, or the page of faults. */
function pageBefore(ctx: Context): string {
  const referrer = ctx.get('referer');
  if (!URL.canParse(referrer) || new URL(referrer).host !== ctx.host) return PATH;
  const { pathname, search } = new URL(referrer);
  // Two slashes in front would lead to another site.
  return pathname.replace(/^\/+/, '/') + search;
}

function isOn(value: unknown): boolean {
  return value === true || value === 1 || ['1', 'true', 'on'].includes(String(value));
}
