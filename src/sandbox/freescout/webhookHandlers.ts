import { type Handler, NO_CONTENT, page } from './handler.ts';
import type { FreeScoutInstance } from './instance.ts';
import { idOf } from './jsonInput.ts';

/** The routes under `/webhooks`, without HTTP. */
export function createWebhookHandlers({ data, webhooks }: FreeScoutInstance) {
  return {
    create: ({ input }) => {
      const webhook = webhooks.register(input);
      return { status: 201, resourceId: webhook.id, body: webhook };
    },
    list: ({ input }) => page('webhooks', data.webhooks, input, (webhook) => ({ ...webhook })),
    remove: ({ params }) => {
      webhooks.remove(idOf(params.id));
      return NO_CONTENT;
    },
  } satisfies Record<string, Handler>;
}
