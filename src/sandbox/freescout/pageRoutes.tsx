import Router from '@koa/router';
import type { Context } from 'koa';
import { type NavLink, Shell, sendPage } from '../pageShell.tsx';
import { fields, isForm } from '../receiveBody.ts';
import { act } from './actions.ts';
import { ConversationPage } from './conversationPage.tsx';
import { OPERATIONS_MAILBOX_ID } from './data.ts';
import type { FreeScoutInstance } from './instance.ts';
import { idOf } from './jsonInput.ts';
import { ListPage } from './listPage.tsx';
import type { Conversation } from './model.ts';
import { normalizeTag } from './tagStore.ts';

export const PRODUCT = 'FreeScout';

/** Links to the mailboxes, the page where one breaks things, and nothing else. */
export function navOf(instance: FreeScoutInstance): NavLink[] {
  const mailboxes = instance.data.mailboxes.map(({ id, name }) => ({ href: `/?mailbox=${id}`, label: name }));
  return [...mailboxes, { href: '/__control', label: 'Break it' }];
}

const FOLDERS: Record<string, (row: Conversation) => boolean> = {
  open: (row) => row.state === 'published' && (row.status === 'active' || row.status === 'pending'),
  closed: (row) => row.state === 'published' && row.status === 'closed',
  spam: (row) => row.state === 'published' && row.status === 'spam',
  trash: (row) => row.state === 'deleted',
  all: () => true,
};
const PAGE_SIZE = 50;

/** Where operators read and change tickets. Conversations live at `/conversation/:id`, as in the real one. */
export function pageRoutes(instance: FreeScoutInstance): Router {
  const router = new Router();
  const { data } = instance;

  router.get('/', (ctx) => {
    const mailboxId = idOf(ctx.query.mailbox) ?? OPERATIONS_MAILBOX_ID;
    const folder = typeof ctx.query.folder === 'string' && ctx.query.folder in FOLDERS ? ctx.query.folder : 'open';
    const tag = typeof ctx.query.tag === 'string' ? normalizeTag(ctx.query.tag) : '';
    const page = Math.max(1, idOf(ctx.query.page) ?? 1);
    const mailbox = data.mailboxes.find(({ id }) => id === mailboxId);
    if (!mailbox) return gone(ctx);
    const inMailbox = data.conversations.filter((row) => row.mailboxId === mailboxId);
    const tagged = inMailbox.filter((row) => tag === '' || row.tags.includes(tag));
    const rows = tagged.filter((row) => FOLDERS[folder]?.(row)).reverse();
    const counts = Object.fromEntries(
      Object.entries(FOLDERS).map(([name, test]) => [name, tagged.filter(test).length]),
    );
    sendPage(
      ctx,
      <Shell product={PRODUCT} title={mailbox.name} nav={navWithCurrent(mailboxId)}>
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
  });

  router.get('/conversation/:id', (ctx) => {
    const conversation = instance.conversations.find(idOf(ctx.params.id));
    if (!conversation) return gone(ctx);
    sendPage(
      ctx,
      <Shell
        product={PRODUCT}
        title={`#${conversation.id} ${conversation.subject}`}
        nav={navWithCurrent(conversation.mailboxId)}
      >
        <ConversationPage data={data} conversation={conversation} tagsModule={instance.conditions.tags_module} />
      </Shell>,
    );
  });

  router.post('/conversation/:id/:action', (ctx) => {
    const id = idOf(ctx.params.id);
    const refused = act(instance, id, ctx.params.action ?? '', fields(ctx));
    if (refused !== null) return problem(ctx, refused);
    ctx.redirect(instance.conversations.find(id) ? `/conversation/${id}` : '/');
    ctx.status = 303;
  });

  // The same for scripts: `POST /__control/conversations/5 {"action":"merge","into":3}`.
  router.post('/__control/conversations/:id', (ctx) => {
    const { action, ...rest } = fields(ctx);
    const refused = act(instance, idOf(ctx.params.id), String(action), rest);
    ctx.status = refused === null ? 200 : 400;
    ctx.body = refused === null ? { done: true } : { message: refused };
  });

  function navWithCurrent(mailboxId: number): NavLink[] {
    return navOf(instance).map((link) => ({ ...link, current: link.href === `/?mailbox=${mailboxId}` }));
  }

  function problem(ctx: Context, sentence: string): void {
    if (!isForm(ctx)) {
      ctx.status = 400;
      ctx.body = { message: sentence };
      return;
    }
    message(ctx, 400, 'That did not work', sentence);
  }

  function gone(ctx: Context): void {
    message(ctx, 404, 'Not found', 'This conversation was deleted, or it never was.');
  }

  function message(ctx: Context, status: number, title: string, sentence: string): void {
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

  return router;
}
