import Router from '@koa/router';
import type { Context } from 'koa';
import { addressOf } from '../guardPages.ts';
import { type NavLink, Shell, sendPage } from '../pageShell.tsx';
import { fields, isForm } from '../receiveBody.ts';
import { act } from './actions.ts';
import { ApiKeyPage } from './apiKeyPage.tsx';
import { ConversationPage } from './conversationPage.tsx';
import { OPERATIONS_MAILBOX_ID } from './data.ts';
import type { FreeScoutInstance } from './instance.ts';
import { idOf } from './jsonInput.ts';
import { ListPage } from './listPage.tsx';
import type { Conversation } from './model.ts';
import { normalizeTag } from './tagStore.ts';

export const PRODUCT = 'FreeScout';

const FAULTS = { href: '/__control', label: 'Faults' };
const API_KEY = { href: '/api-key', label: 'API key' };

/** Links to the mailboxes, to the page of faults and to that about the API key. */
export function navOf(instance: FreeScoutInstance): NavLink[] {
  const mailboxes = instance.data.mailboxes.map(({ id, name }) => ({ href: `/?mailbox=${id}`, label: name }));
  return [...mailboxes, FAULTS, API_KEY];
}

const FOLDERS: Record<string, (row: Conversation) => boolean> = {
  open: (row) => row.state === 'published' && (row.status === 'active' || row.status === 'pending'),
  closed: (row) => row.state === 'published' && row.status === 'closed',
  spam: (row) => row.state === 'published' && row.status === 'spam',
  trash: (row) => row.state === 'deleted',
  all: () => true,
};
const PAGE_SIZE = 50;

/** The pages where operators read and change tickets. Conversations live at `/conversation/:id`, as in the real FreeScout. */
export function pageRoutes(instance: FreeScoutInstance, keyFile?: string): Router {
  const router = new Router();
  router.get('/', (ctx) => sendList(ctx, instance));
  router.get('/conversation/:id', (ctx) => sendConversation(ctx, instance));
  router.get(API_KEY.href, (ctx) => {
    const nav = navOf(instance).map((link) => ({ ...link, current: link.href === API_KEY.href }));
    sendPage(ctx, <ApiKeyPage product={PRODUCT} nav={nav} address={addressOf(ctx)} keyFile={keyFile ?? null} />);
  });

  router.post('/conversation/:id/:action', (ctx) => {
    const id = idOf(ctx.params.id);
    const refused = act(instance, id, ctx.params.action ?? '', fields(ctx));
    if (refused !== null) {
      sendRefused(ctx, instance, refused);
      return;
    }
    ctx.redirect(instance.conversations.find(id) ? `/conversation/${id}` : '/');
    ctx.status = 303;
  });

  // The same actions for scripts: `POST /__control/conversations/5 {"action":"merge","into":3}`.
  router.post('/__control/conversations/:id', (ctx) => {
    const { action, ...rest } = fields(ctx);
    const refused = act(instance, idOf(ctx.params.id), String(action), rest);
    ctx.status = refused === null ? 200 : 400;
    ctx.body = refused === null ? { done: true } : { message: refused };
  });

  return router;
}

function sendList(ctx: Context, instance: FreeScoutInstance): void {
  const { data } = instance;
  const mailboxId = idOf(ctx.query.mailbox) ?? OPERATIONS_MAILBOX_ID;
  const folder = typeof ctx.query.folder === 'string' && ctx.query.folder in FOLDERS ? ctx.query.folder : 'open';
  const tag = typeof ctx.query.tag === 'string' ? normalizeTag(ctx.query.tag) : '';
  const page = Math.max(1, idOf(ctx.query.page) ?? 1);
  const mailbox = data.mailboxes.find(({ id }) => id === mailboxId);
  if (!mailbox) {
    sendNotFound(ctx, instance);
    return;
  }
  const inMailbox = data.conversations.filter((row) => row.mailboxId === mailboxId);
  const tagged = inMailbox.filter((row) => tag === '' || row.tags.includes(tag));
  const rows = tagged.filter((row) => FOLDERS[folder]?.(row)).reverse();
  const counts = Object.fromEntries(Object.entries(FOLDERS).map(([name, test]) => [name, tagged.filter(test).length]));
  sendPage(
    ctx,
    <Shell product={PRODUCT} title={mailbox.name} nav={navWithCurrent(instance, mailboxId)}>
      <ListPage
        data={data}
        mailbox={mailbox}
        folder={folder}
        counts={counts}
        tag={tag}
        tags={[...new Set(inMailbox.flatMap((row) => row.tags))].sort()}
        rows={rows.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)}
        page={page}
        pages={Math.max(1, Math.ceil(rows.length / PAGE_SIZE))}
      />
    </Shell>,
  );
}

function sendConversation(ctx: Context, instance: FreeScoutInstance): void {
  const conversation = instance.conversations.find(idOf(ctx.params.id));
  if (!conversation) {
    sendNotFound(ctx, instance);
    return;
  }
  sendPage(
    ctx,
    <Shell
      product={PRODUCT}
      title={`#${conversation.id} ${conversation.subject}`}
      nav={navWithCurrent(instance, conversation.mailboxId)}
    >
      <ConversationPage data={instance.data} conversation={conversation} tagsModule={instance.conditions.tags_module} />
    </Shell>,
  );
}

function navWithCurrent(instance: FreeScoutInstance, mailboxId: number): NavLink[] {
  return navOf(instance).map((link) => ({ ...link, current: link.href === `/?mailbox=${mailboxId}` }));
}

function sendRefused(ctx: Context, instance: FreeScoutInstance, sentence: string): void {
  if (!isForm(ctx)) {
    ctx.status = 400;
    ctx.body = { message: sentence };
    return;
  }
  sendMessagePage(ctx, instance, { status: 400, title: 'Action rejected', sentence });
}

function sendNotFound(ctx: Context, instance: FreeScoutInstance): void {
  sendMessagePage(ctx, instance, {
    status: 404,
    title: 'Not found',
    sentence: 'There is no such conversation. It may have been deleted.',
  });
}

interface MessagePage {
  status: number;
  title: string;
  sentence: string;
}

function sendMessagePage(ctx: Context, instance: FreeScoutInstance, { status, title, sentence }: MessagePage): void {
  sendPage(
    ctx,
    <Shell product={PRODUCT} title={title} nav={navOf(instance)}>
      <h1>{title}</h1>
      <p>{sentence}</p>
      <p>
        <a href="/">Back to the mailbox</a>
      </p>
    </Shell>,
    status,
  );
}
