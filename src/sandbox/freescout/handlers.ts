import { fold } from './data.ts';
import type { Embed } from './entities.ts';
import type { FreeScoutInstance } from './instance.ts';
import { type Input, idOf, listOf, textOf } from './jsonInput.ts';
import { filterConversations, paginate, sortConversations } from './list.ts';
import { missing, moduleOff, notFound } from './refusal.ts';

export interface Call {
  params: Record<string, string | undefined>;
  input: Input;
}
export interface Answer {
  status: number;
  body?: object;
  /** Goes into the header `Resource-ID`. */
  resourceId?: number;
}
export type Handler = (call: Call) => Answer;

const NO_CONTENT: Answer = { status: 204 };

/** What each route does, without HTTP. Refusals are thrown; any other error becomes a 500. */
export function createHandlers(instance: FreeScoutInstance) {
  const { data, conditions, entities, conversations, tags, customers } = instance;

  function conversationOf({ params }: Call) {
    const conversation = conversations.find(idOf(params.id));
    if (!conversation) throw notFound();
    return conversation;
  }

  function embedOf(input: Input, threadsByDefault: boolean): Embed {
    const asked = textOf(input.embed);
    const names = (asked ?? '').split(',').map((name) => name.trim());
    return {
      threads: asked === null ? threadsByDefault : names.includes('threads'),
      tags: names.includes('tags') && conditions.tags_module,
    };
  }

  function page<T>(name: string, rows: T[], input: Input, show: (row: T) => object): Answer {
    const { rows: shown, page: numbers } = paginate(rows, input);
    return { status: 200, body: { _embedded: { [name]: shown.map(show) }, page: numbers } };
  }

  const conversationHandlers = {
    create: ({ input }) => {
      const row = instance.create(input);
      return { status: 201, resourceId: row.id, body: entities.conversation(row, { threads: true, tags: false }) };
    },
    get: (call) => ({
      status: 200,
      body: entities.conversation(conversationOf(call), embedOf(call.input, true)),
    }),
    list: ({ input }) => {
      const rows = sortConversations(filterConversations(data, input, conditions.tags_module), input);
      return page('conversations', rows, input, (row) => entities.conversation(row, embedOf(input, false)));
    },
    update: (call) => {
      conversations.update(conversationOf(call), call.input);
      return NO_CONTENT;
    },
    remove: (call) => {
      conversations.deleteForever(conversationOf(call));
      return NO_CONTENT;
    },
    addThread: (call) => {
      const conversation = conversationOf(call);
      const thread = instance.threads.add(conversation, call.input, { source: 'api' });
      return { status: 201, resourceId: thread.id, body: entities.thread(thread, conversation) };
    },
    setTags: (call) => {
      if (!conditions.tags_module) throw moduleOff('Tags');
      const conversation = conversationOf(call);
      if (!('tags' in call.input)) throw missing('tags');
      tags.replace(conversation, tagNames(call.input.tags));
      return NO_CONTENT;
    },
  } satisfies Record<string, Handler>;

  const others = {
    listTags: ({ input }) => {
      if (!conditions.tags_module) throw moduleOff('Tags');
      const conversation =
        textOf(input.conversationId) === null ? null : conversations.find(idOf(input.conversationId));
      const rows = data.tags.filter(({ name }) => conversation === null || conversation?.tags.includes(name));
      return page('tags', rows, input, (tag) => ({ ...tag, color: 0 }));
    },
    listMailboxes: ({ input }) => page('mailboxes', instance.mailboxes(), input, entities.mailbox),
    listUsers: ({ input }) => {
      const email = textOf(input.email);
      const rows = data.users.filter((user) => email === null || fold(user.email) === fold(email));
      return page('users', rows, input, entities.user);
    },
    getUser: ({ params }) => {
      const user = data.users.find(({ id }) => id === idOf(params.id));
      if (!user) throw notFound();
      return { status: 200, body: entities.user(user) };
    },
    listCustomers: ({ input }) => {
      const same = (wanted: unknown, own: (string | null)[]) =>
        textOf(wanted) === null || own.some((value) => fold(value ?? '') === fold(textOf(wanted) ?? ''));
      const rows = data.customers.filter(
        (row) =>
          same(input.email, row.emails) &&
          same(input.firstName, [row.firstName]) &&
          same(input.lastName, [row.lastName]),
      );
      return page('customers', rows, input, entities.customer);
    },
    getCustomer: ({ params }) => {
      const customer = customers.byId(idOf(params.id));
      if (!customer) throw notFound();
      return { status: 200, body: entities.customer(customer) };
    },
    createCustomer: ({ input }) => {
      const customer = customers.register(input);
      return { status: 201, resourceId: customer.id, body: entities.customer(customer) };
    },
    createWebhook: ({ input }) => {
      const webhook = instance.webhooks.register(input);
      return { status: 201, resourceId: webhook.id, body: webhook };
    },
    listWebhooks: ({ input }) => page('webhooks', data.webhooks, input, (webhook) => ({ ...webhook })),
    removeWebhook: ({ params }) => {
      instance.webhooks.remove(idOf(params.id));
      return NO_CONTENT;
    },
  } satisfies Record<string, Handler>;

  return { conversations: conversationHandlers, others };
}

/** Throws a plain error on what the real code would trip over. */
function tagNames(value: unknown): string[] {
  const list = listOf(value);
  if (list === null) throw new TypeError('tags is not an array');
  return list.map((entry) => {
    const name = entry === null ? '' : textOf(entry);
    if (name === null) throw new TypeError('a tag is not a string');
    return name;
  });
}
