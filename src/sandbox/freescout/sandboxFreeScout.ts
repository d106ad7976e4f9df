import { createHash } from 'node:crypto';
import { API_FAULTS } from '../commonFaults.ts';
import { createFaults, type FaultSpec, type Faults } from '../faultSwitches.ts';
import type { SandboxLog } from '../httpListener.ts';
import { openStore } from '../jsonStore.ts';
import { createLive } from '../pageUpdates.ts';
import { createRequestLog } from '../receivedRequests.ts';
import { startSite } from '../sandboxApp.ts';
import { createSites, type Sites } from '../sites.ts';
import { createSwitches, type Switches } from '../switches.ts';
import { act } from './actions.ts';
import { freeScoutApi } from './api.ts';
import { FIRST_USER_ID, newFreeScoutData, OPERATIONS_MAILBOX_ID, SUPPORT_MAILBOX_ID } from './data.ts';
import { createInstance, type FreeScoutInstance } from './instance.ts';
import { type Conditions, EVENTS, type FreeScoutData } from './model.ts';
import { navOf, PRODUCT, pageRoutes } from './pageRoutes.tsx';

export interface SandboxFreeScoutOptions {
  /** 0 or absent: any free port. */
  port?: number;
  apiKey: string;
  /** The configured host name of the instance; when set, `/api` rejects every other Host header. */
  appHost?: string;
  /** A JSON file that stores the tickets between starts; null or absent: nothing is stored. */
  store?: string | null;
  faults?: FaultSpec[];
  log?: SandboxLog | undefined;
  now?: () => Date;
  random?: () => number;
  /** The only addresses that webhooks may be sent to, by their origin; absent: any program of this machine. */
  webhookTargets?: string[];
  /** The interval of the webhook retries, in milliseconds. */
  webhookRoundMs?: number;
  /** The file that the API key is stored in, as JSON under `freescout`; a page shows how to read it. */
  keyFile?: string;
  /** The sandboxes of the same process; absent: it is the only one. */
  sites?: Sites;
}

const SCOPE = /^\/api(\/|$)/;
/** PHP's usual `post_max_size`. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** What fails while a condition is not that of a working server. */
const TROUBLES: Record<keyof Conditions, string> = {
  wrong_key: 'API key refused (401)',
  mailbox_deleted: 'Operations mailbox deleted',
  tags_module: 'Tags module off',
  api_module_off: 'API module off (404)',
  maintenance: 'Maintenance (503)',
};

export type SandboxFreeScout = Awaited<ReturnType<typeof startSandboxFreeScout>>;

/** Starts a server on loopback that responds as FreeScout with its API and Tags modules does. */
export async function startSandboxFreeScout(options: SandboxFreeScoutOptions) {
  const { apiKey, appHost, log, now = () => new Date(), random = Math.random, webhookRoundMs = 60_000 } = options;
  const conditions: Conditions = {
    tags_module: true,
    wrong_key: false,
    mailbox_deleted: false,
    maintenance: false,
    api_module_off: false,
  };
  const store = openStore<FreeScoutData>({ log }, options.store ?? null, newFreeScoutData);
  const data = store.value;
  const live = createLive();
  const changed = () => {
    store.changed();
    live.changed();
  };
  // Different from the key, and the same after a restart.
  const webhookSecret = createHash('md5').update(`${apiKey}webhook_key`).digest('hex');
  const instance = createInstance({
    ...{ data, conditions, webhookSecret, webhookRoundMs, now, log, changed },
    webhookTargets: options.webhookTargets ?? null,
  });

  const faults = createFaults({ scope: SCOPE, random });
  for (const fault of options.faults ?? []) faults.add(fault);
  const requests = createRequestLog({ scope: SCOPE });
  const switches = createSwitches(conditions, TROUBLES);
  const server = await startSite({
    ...{ log, faults, requests, live, scope: SCOPE, host: appHost, bodyLimit: BODY_LIMIT },
    name: 'Tickets',
    port: options.port ?? 0,
    sites: options.sites ?? createSites(),
    control: { product: PRODUCT, nav: navOf(instance), common: API_FAULTS, switches },
    pages: pageRoutes(instance, options.keyFile),
    api: freeScoutApi({ instance, apiKey, appHost, log }),
  });

  return {
    url: server.url,
    apiKey,
    operationsMailboxId: OPERATIONS_MAILBOX_ID,
    supportMailboxId: SUPPORT_MAILBOX_ID,
    userId: FIRST_USER_ID,
    webhookSecret,
    /** The rows themselves: tests may read and change them. */
    state: {
      tickets: data.conversations,
      customers: data.customers,
      tags: data.tags,
      webhooks: data.webhooks,
      mailboxes: data.mailboxes,
      requests: requests.entries,
      deliveries: instance.webhooks.deliveries,
    },
    control: createControl({ instance, faults, switches, changed }),
    async stop(): Promise<void> {
      instance.webhooks.stop();
      await server.stop();
    },
  };
}

interface ControlDeps {
  instance: FreeScoutInstance;
  faults: Faults;
  switches: Switches;
  changed: () => void;
}

/** Lets a test or a drill change the instance without its API. */
function createControl({ instance, faults, switches, changed }: ControlDeps) {
  return {
    faults,
    switches,
    /**
     * A manual action of an operator:  `status {status}`, `assign {user}`, `move {mailbox}`, `subject {subject}`,
     * `note {text}`, `reply {text}`, `add-tag {tag}`, `remove-tag {tag}`, `merge {into}`, `trash`, `restore`, `delete`.
     * Throws when the action is not possible.
     */
    act(ticketId: number, action: string, fields: Record<string, unknown> = {}): void {
      const refused = act(instance, ticketId, action, fields);
      if (refused !== null) throw new Error(refused);
    },
    /** Files a ticket as `POST /api/conversations` does, without faults; returns its id. */
    file(body: Record<string, unknown>): number {
      const { id } = instance.create(body);
      changed();
      return id;
    },
    /** Sends every event to this URL from now on, and to no other. */
    webhook(url: string): void {
      instance.data.webhooks.length = 0;
      instance.webhooks.add(url, EVENTS);
      changed();
    },
    /** Resolves once no webhook is being sent. */
    webhooksSettled: () => instance.webhooks.settled(),
  };
}
