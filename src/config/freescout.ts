import { z } from 'zod';
import { instanceRoot } from './addresses.ts';
import { optional, withDefault } from './settingsTree.ts';
import { emailAddress, headerToken, wholeNumber } from './values.ts';

const id = wholeNumber(1, 2_147_483_647);
/** How much longer than a call a doubt lasts at least. */
const SHORTEST_DOUBT_MS = 5_000;
/** What a shorter doubt could do. It ends a sentence. */
const POSTED_TWICE = 'a ticket could be posted again while its first request is under way';

/** How the console reaches FreeScout, and how long it waits. */
export const freescout = z
  .object({
    baseUrl: optional('FREESCOUT_BASE_URL', instanceRoot, 'a sandbox outside production').describe(
      'the root of the FreeScout instance, such as https://tickets.example.com',
    ),
    apiKey: optional('FREESCOUT_API_KEY', headerToken, 'none').describe(
      'the key that FreeScout shows under Manage, API & Webhooks',
    ),
    operationsMailboxId: optional('FREESCOUT_OPERATIONS_MAILBOX_ID', id, 'none').describe(
      'the number of the mailbox that tickets are filed in',
    ),
    supportMailboxId: optional('FREESCOUT_SUPPORT_MAILBOX_ID', id, 'every mailbox but the operations one').describe(
      "the number of the customers' mailbox",
    ),
    botEmail: optional('FREESCOUT_BOT_EMAIL', emailAddress, 'console-bot@ and the host of PUBLIC_URL').describe(
      "the address that tickets come from, never a mailbox's own",
    ),
    userId: optional('FREESCOUT_USER_ID', id, 'the first user that the API lists').describe(
      'the number of the user who writes the notes',
    ),
    webhookSecret: optional('FREESCOUT_WEBHOOK_SECRET', z.string(), 'ticket changes are only polled').describe(
      'the secret key that FreeScout signs its webhooks with',
    ),
    timeoutMs: withDefault('FREESCOUT_TIMEOUT_MS', wholeNumber(1, 300_000), '10000').describe(
      'the milliseconds one call may take',
    ),
    inDoubtSeconds: withDefault('FREESCOUT_IN_DOUBT_SECONDS', wholeNumber(1, 86_400), '120').describe(
      'the seconds after which a ticket that cannot be found is taken as not filed',
    ),
    concurrency: withDefault('FREESCOUT_CONCURRENCY', wholeNumber(1, 100), '4').describe(
      'the number of calls one process may have in flight',
    ),
  })
  .refine(({ operationsMailboxId: own, supportMailboxId }) => own === null || own !== supportMailboxId, {
    path: ['operationsMailboxId'],
    error: 'is the same mailbox as FREESCOUT_SUPPORT_MAILBOX_ID',
    when: ({ issues }) => issues.length === 0,
  })
  .refine(({ timeoutMs, inDoubtSeconds }) => inDoubtSeconds * 1000 >= timeoutMs + SHORTEST_DOUBT_MS, {
    path: ['inDoubtSeconds'],
    error: `is less than FREESCOUT_TIMEOUT_MS plus 5 s: ${POSTED_TWICE}`,
    params: {
      FREESCOUT_TIMEOUT_MS: `needs FREESCOUT_IN_DOUBT_SECONDS to be at least 5 s longer: ${POSTED_TWICE}`,
    },
    when: ({ issues }) => issues.length === 0,
  });
