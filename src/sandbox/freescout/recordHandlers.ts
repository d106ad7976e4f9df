import { fold } from './data.ts';
import { type Handler, page } from './handler.ts';
import type { FreeScoutInstance } from './instance.ts';
import { idOf, textOf } from './jsonInput.ts';
import { moduleOff, notFound } from './refusal.ts';

/** The routes for tags, mailboxes, users and customers, without HTTP. */
export function createRecordHandlers(instance: FreeScoutInstance) {
  const { data, conditions, entities, conversations, customers } = instance;

  return {
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
  } satisfies Record<string, Handler>;
}
