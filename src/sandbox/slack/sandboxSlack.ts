import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { SLACK_FAULTS } from '../commonFaults.ts';
import { createFaults, type FaultSpec } from '../faultSwitches.ts';
import type { SandboxLog } from '../httpListener.ts';
import { openStore } from '../jsonStore.ts';
import { sendPage } from '../pageShell.tsx';
import { createLive } from '../pageUpdates.ts';
import { fields } from '../receiveBody.ts';
import { createRequestLog } from '../receivedRequests.ts';
import { startSite } from '../sandboxApp.ts';
import { createSites, type Sites } from '../sites.ts';
import { DirectMessages } from './messagesPage.tsx';
import { createMethods } from './methods.ts';
import type { SlackData } from './model.ts';
import { SlackFailure } from './workspace.ts';

export interface SandboxSlackOptions {
  /** 0 or absent: any free port. */
  port?: number;
  token: string;
  /** The user who receives the direct messages, e.g. `U0OPERATOR`. */
  userId: string;
  /** A JSON file that stores the messages between starts; null or absent: nothing is stored. */
  store?: string | null;
  faults?: FaultSpec[];
  log?: SandboxLog | undefined;
  now?: () => Date;
  random?: () => number;
  /** The sandboxes of the same process; absent: it is the only one. */
  sites?: Sites;
}

const SCOPE = /^\/api(\/|$)/;
const PRODUCT = 'Slack';
const NAV = [
  { href: '/', label: 'Direct messages' },
  { href: '/__control', label: 'Faults' },
];

export type SandboxSlack = Awaited<ReturnType<typeof startSandboxSlack>>;

/** Starts a Slack on loopback with one bot, one user, and the direct messages between them. */
export async function startSandboxSlack(options: SandboxSlackOptions) {
  const { token, userId, log, now = () => new Date(), random = Math.random } = options;
  const store = openStore<SlackData>({ log }, options.store ?? null, () => ({ messages: [], lastTs: 0 }));
  const data = store.value;
  const live = createLive();
  const changed = () => {
    store.changed();
    live.changed();
  };
  const identity = {
    userId,
    dmChannel: 'D0SANDBOX',
    botId: 'B0SANDBOX',
    botUserId: 'U0SANDBOXBOT',
    teamId: 'T0SANDBOX',
  };
  const methods = createMethods({ data, identity, now, changed });

  const pages = new Router();
  pages.get('/', (ctx) => {
    const nav = NAV.map((link) => ({ ...link, current: link.href === '/' }));
    sendPage(ctx, DirectMessages({ product: PRODUCT, nav, userId, messages: data.messages }));
  });

  const api: Middleware = async (ctx, next) => {
    const name = /^\/api\/([a-z.A-Z]+)$/.exec(ctx.path)?.[1];
    if (name === undefined) return next();
    ctx.body = call(ctx, name);
  };

  function call(ctx: Context, name: string): object {
    const args = { ...Object.fromEntries(new URLSearchParams(ctx.querystring)), ...fields(ctx) };
    const given = /^Bearer (.+)$/i.exec(ctx.get('authorization'))?.[1] ?? args.token;
    if (given === undefined || given === '') return { ok: false, error: 'not_authed' };
    if (given !== token) return { ok: false, error: 'invalid_auth' };
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!method) return { ok: false, error: 'unknown_method', req_method: name };
    try {
      return { ok: true, ...method(args) };
    } catch (error) {
      if (error instanceof SlackFailure) return { ok: false, error: error.error };
      throw error;
    }
  }

  const faults = createFaults({ scope: SCOPE, random });
  for (const fault of options.faults ?? []) faults.add(fault);
  const requests = createRequestLog({ scope: SCOPE });
  const control = { product: PRODUCT, nav: NAV, common: SLACK_FAULTS };
  // Larger than the longest text that Slack accepts, so that Slack's own error is returned.
  const bodyLimit = 1024 * 1024;
  const server = await startSite({
    ...{ log, faults, requests, live, control, scope: SCOPE, bodyLimit, pages, api },
    name: 'Slack',
    port: options.port ?? 0,
    sites: options.sites ?? createSites(),
  });

  return {
    url: server.url,
    /** The value for `slackApiUrl` of the client. */
    apiUrl: `${server.url}/api/`,
    token,
    userId,
    channelId: identity.dmChannel,
    state: { messages: data.messages, requests: requests.entries },
    control: { faults },
    async stop(): Promise<void> {
      await server.stop();
    },
  };
}
