import type { SandboxLog } from '../server.ts';
import { conversationCreator } from './createConversation.ts';
import { createCustomers } from './customers.ts';
import { createDesk } from './desk.ts';
import { createEntities } from './entities.ts';
import { createTags } from './tags.ts';
import { createThreads } from './threads.ts';
import type { Conditions, Conversation, Customer, WebhookEvent, World } from './types.ts';
import { createWebhooks } from './webhooks.ts';
import { OPERATIONS_MAILBOX_ID } from './world.ts';

interface Deps {
  world: World;
  conditions: Conditions;
  webhookSecret: string;
  webhookRoundMs: number;
  now: () => Date;
  log?: SandboxLog | undefined;
  /** Something was, or may have been, changed. */
  changed: () => void;
}

/** Everything that acts on one world, in dependency order. The interface and the pages both work through it. */
export function createHouse({ world, conditions, webhookSecret, webhookRoundMs, now, log, changed }: Deps) {
  const entities = createEntities(world);
  const webhooks = createWebhooks({ world, entities, secret: webhookSecret, log, roundMs: webhookRoundMs });
  const emit = (event: WebhookEvent, subject: Conversation | Customer) => webhooks.emit(event, subject);
  const mailboxes = () =>
    world.mailboxes.filter(({ id }) => !(conditions.mailbox_deleted && id === OPERATIONS_MAILBOX_ID));
  const customers = createCustomers({ world, now, emit });
  const threads = createThreads({ world, customers, now, emit });
  const tags = createTags(world);
  const desk = createDesk({ world, threads, tags, mailboxes, emit });
  const create = conversationCreator({ world, customers, threads, mailboxes, now });
  return { world, conditions, entities, webhooks, mailboxes, customers, threads, tags, desk, create, changed };
}
export type House = ReturnType<typeof createHouse>;
