import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { FREESCOUT_NEEDS, unsetOf } from '../../config/notConfigured.ts';
import { oneLine } from '../../lib/terminal.ts';
import { createOutgoing, type Outgoing } from '../../net/outgoing.ts';
import { createAuthor } from '../../tickets/freescout/author.ts';
import { allPages } from '../../tickets/freescout/pages.ts';
import { createApi, type FreeScoutApi } from '../../tickets/freescout/responses.ts';
import { mailboxSchema, tagSchema } from '../../tickets/freescout/schemas.ts';
import { ignoresStatusLists } from '../../tickets/freescout/statusLists.ts';
import { type CallTerms, createTransport } from '../../tickets/freescout/transport.ts';
import { TicketError } from '../../tickets/port.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { connectionRemedy, unsetSentence } from './remedies.ts';

type Settings = Config['freescout'];

const BUDGET_MS = 20_000;
const ADDRESS = 'FreeScout address';
const KEY = 'FreeScout key';
const OPERATIONS = 'operations mailbox';
const SUPPORT = 'support mailbox';
const LISTED = 'Mailboxes are checked in the list, because the API has no route for a single mailbox';

const listed = mailboxSchema.extend({ name: z.string().nullish(), email: z.string().nullish() });
type Mailbox = z.output<typeof listed>;

/** Checks everything in FreeScout that filing a ticket needs, without filing one. */
export async function checkFreeScout(
  settings: Settings,
  production: boolean,
  outgoing: Outgoing = createOutgoing(),
  ignored: Config['ignored'] = [],
): Promise<Finding[]> {
  const { baseUrl, apiKey, timeoutMs, concurrency } = settings;
  if (baseUrl === null && !production) {
    return [ok(ADDRESS, 'FREESCOUT_BASE_URL is not set: the program uses a sandbox instead of FreeScout.')];
  }
  if (baseUrl === null || apiKey === null) {
    const says = unsetSentence(unsetOf(FREESCOUT_NEEDS, settings), ignored, 'no ticket can be filed');
    return [fail(baseUrl === null ? ADDRESS : KEY, says)];
  }
  const api = createApi(createTransport({ baseUrl, apiKey, timeoutMs, concurrency, outgoing }));
  const call: CallTerms = { deadline: performance.now() + BUDGET_MS, urgent: false, signal: undefined };
  let mailboxes: Mailbox[];
  try {
    const list = { name: 'mailboxes', query: {}, pageSize: 100, maxPages: 20 } as const;
    mailboxes = (await allPages(api, list, listed, call)).rows;
  } catch (error) {
    return unreachable(baseUrl, error);
  }
  return [
    ok(ADDRESS, `${baseUrl} answers.`),
    ok(KEY, 'FreeScout accepts FREESCOUT_API_KEY.'),
    operations(settings, mailboxes),
    support(settings, mailboxes),
    bot(settings, mailboxes),
    await tags(api, call),
    await author(api, settings, call),
    await moduleAge(api, settings, call),
    settings.webhookSecret === null
      ? ok(
          'FreeScout webhook',
          'FREESCOUT_WEBHOOK_SECRET is not set: FreeScout is polled, and ticket changes appear within a minute.',
        )
      : ok(
          'FreeScout webhook',
          'FREESCOUT_WEBHOOK_SECRET is set. Configure FreeScout to send its events to /api/webhooks/freescout.',
        ),
  ];
}

function unreachable(baseUrl: string, error: unknown): Finding[] {
  const says = sentence(error);
  if (!(error instanceof TicketError)) return [fail(ADDRESS, says)];
  if (error.problem !== 'unauthorized') return [fail(ADDRESS, `${says} ${remedy(error)}`)];
  return [
    ok(ADDRESS, `${baseUrl} answers.`),
    fail(
      KEY,
      `${says} Copy the key from Manage, API & Webhooks, and check that FREESCOUT_BASE_URL leads to FreeScout.`,
    ),
  ];
}

/** What to do if the first call failed. */
function remedy({ problem, code, httpStatus = 0 }: TicketError): string {
  const ofConnection = connectionRemedy(code ?? '', 'FREESCOUT_BASE_URL');
  if (ofConnection !== null) return ofConnection;
  if (problem === 'forbidden') {
    return 'Check the rights of the key, the allowed hosts of the API & Webhooks module, and any firewall in front of FreeScout.';
  }
  if (httpStatus === 407) return 'The proxy asks for a password: add it to OUTGOING_PROXY.';
  if (httpStatus === 429) return 'Try again in a minute, and lower FREESCOUT_CONCURRENCY if it lasts.';
  if (httpStatus >= 500) {
    return 'See the log of FreeScout (Manage, Logs) and of its web server; 503 is also what it answers in maintenance mode.';
  }
  if (httpStatus >= 300 && httpStatus < 400) return 'Set it to that address.';
  return 'Check that FREESCOUT_BASE_URL is the root of FreeScout itself, and that no sign-in page or gateway answers in its place.';
}

function operations({ operationsMailboxId: id }: Settings, mailboxes: Mailbox[]): Finding {
  if (id === null) {
    return fail(
      OPERATIONS,
      `FREESCOUT_OPERATIONS_MAILBOX_ID is not set or not valid: set it to one of ${all(mailboxes)}.`,
    );
  }
  const found = mailboxes.find((mailbox) => mailbox.id === id);
  return found
    ? ok(OPERATIONS, `${named(found)} exists. ${LISTED}: /api/mailboxes/${id} is always 404.`)
    : fail(
        OPERATIONS,
        `FreeScout lists no mailbox ${id}, only ${all(mailboxes)}: correct FREESCOUT_OPERATIONS_MAILBOX_ID, or create the mailbox. ${LISTED}.`,
      );
}

function support({ operationsMailboxId, supportMailboxId: id }: Settings, mailboxes: Mailbox[]): Finding {
  if (id === null) {
    return ok(
      SUPPORT,
      'FREESCOUT_SUPPORT_MAILBOX_ID is not set: customer pages show the tickets of every mailbox except the operations mailbox.',
    );
  }
  if (id === operationsMailboxId)
    return fail(SUPPORT, "FREESCOUT_SUPPORT_MAILBOX_ID is the operations mailbox: set it to the customers' mailbox.");
  const found = mailboxes.find((mailbox) => mailbox.id === id);
  return found
    ? ok(SUPPORT, `${named(found)} exists, and is not the operations mailbox.`)
    : fail(SUPPORT, `FreeScout lists no mailbox ${id}, only ${all(mailboxes)}: correct FREESCOUT_SUPPORT_MAILBOX_ID.`);
}

function bot({ botEmail }: Settings, mailboxes: Mailbox[]): Finding {
  const own = mailboxes.find(({ email }) => email?.trim().toLowerCase() === botEmail.toLowerCase());
  return own
    ? fail(
        'bot address',
        `Tickets come from ${botEmail}, which is the address of mailbox ${named(own)}: set FREESCOUT_BOT_EMAIL to another address.`,
      )
    : ok('bot address', `Tickets come from ${botEmail}, which is not the address of a mailbox.`);
}

async function tags(api: FreeScoutApi, call: CallTerms): Promise<Finding> {
  try {
    await allPages(api, { name: 'tags', query: {}, pageSize: 1, maxPages: 1 }, tagSchema, call);
    return ok('Tags module', 'The module is active.');
  } catch (error) {
    return fail(
      'Tags module',
      `${sentence(error)} No ticket is filed without tags: activate the module under Manage, Modules.`,
    );
  }
}

async function author(api: FreeScoutApi, { userId }: Settings, call: CallTerms): Promise<Finding> {
  const check = 'author of notes';
  try {
    const found = createAuthor(api, userId);
    await found.check(call);
    const which = userId === null ? ', the first that FreeScout lists. Set FREESCOUT_USER_ID to choose another' : '';
    return ok(check, `Notes are written by user ${await found.id(call)}${which}.`);
  } catch (error) {
    return fail(check, sentence(error));
  }
}

async function moduleAge(api: FreeScoutApi, { operationsMailboxId }: Settings, call: CallTerms): Promise<Finding> {
  const check = 'API module';
  if (operationsMailboxId === null) return ok(check, 'Not checked without an operations mailbox.');
  try {
    return (await ignoresStatusLists(api, operationsMailboxId, call))
      ? warn(
          check,
          'FreeScout returns closed tickets when active and pending ones are asked for together, so the console asks for each apart: ' +
            'update the API & Webhooks module to 1.0.77 or newer.',
        )
      : ok(check, 'FreeScout returns only open tickets when these are asked for.');
  } catch (error) {
    return warn(check, `${sentence(error)} Whether the module is 1.0.77 or newer could not be determined.`);
  }
}

const named = ({ id, name }: Mailbox): string => `${id} "${oneLine(name ?? '')}"`;

const all = (mailboxes: Mailbox[]): string =>
  mailboxes.length === 0 ? 'no mailboxes' : mailboxes.slice(0, 20).map(named).join(', ');

const sentence = (error: unknown): string => (error instanceof Error ? oneLine(error.message) : String(error));
