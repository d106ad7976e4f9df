import type { SandboxLog } from '../httpListener.ts';
import { createConversationChanges } from './conversationChanges.ts';
import { conversationCreator } from './createConversation.ts';
import { createCustomers } from './customerStore.ts';
import { OPERATIONS_MAILBOX_ID } from './data.ts';
import { createEntities } from './entities.ts';
import type { Conditions, Conversation, Customer, FreeScoutData, WebhookEvent } from './model.ts';
import { createTags } from './tagStore.ts';
import { createThreads } from './threads.ts';
import { createWebhooks } from './webhookSender.ts';

interface Deps {
  data: FreeScoutData;
  conditions: Conditions;
  webhookSecret: string;
  webhookRoundMs: number;
  /** Null: any program of this machine. */
  webhookTargets: string[] | null;
  now: () => Date;
  log?: SandboxLog | undefined;
  /** Called after every change, and after a request that failed and may have changed part of the data. */
  changed: () => void;
}

/** Creates everything that reads or changes the data, in dependency order. The API and the pages both use it. */
export function createInstance(deps: Deps) {
  const { data, conditions, webhookSecret, webhookRoundMs, webhookTargets, now, log, changed } = deps;
  const entities = createEntities(data);
  const webhooks = createWebhooks({
    ...{ data, entities, log },
    secret: webhookSecret,
    roundMs: webhookRoundMs,
    targets: webhookTargets,
  });
  const emit = (event: WebhookEvent, subject: Conversation | Customer) => webhooks.emit(event, subject);
  const mailboxes = () =>
    data.mailboxes.filter(({ id }) => !(conditions.mailbox_deleted && id === OPERATIONS_MAILBOX_ID));
  const customers = createCustomers({ data, now, emit });
  const threads = createThreads({ data, customers, now, emit });
  const tags = createTags(data);
  const conversations = createConversationChanges({ data, threads, tags, mailboxes, emit });
  const create = conversationCreator({ data, customers, threads, mailboxes, now });
  return { data, conditions, entities, webhooks, mailboxes, customers, threads, tags, conversations, create, changed };
}
export type FreeScoutInstance = ReturnType<typeof createInstance>;
