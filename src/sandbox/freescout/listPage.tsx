import type { VNode } from 'preact';
import { Time } from '../pageShell.tsx';
import { nameOf } from './data.ts';
import type { Conversation, FreeScoutData, Mailbox } from './model.ts';
import { StatusBadge } from './statusBadge.tsx';

interface ListPageProps {
  data: FreeScoutData;
  mailbox: Mailbox;
  folder: string;
  counts: Record<string, number>;
  tag: string;
  tags: string[];
  rows: Conversation[];
  page: number;
  pages: number;
}

/** One mailbox, one folder of it, optionally one tag. */
export function ListPage({ data, mailbox, folder, counts, tag, tags, rows, page, pages }: ListPageProps): VNode {
  const href = (changed: Record<string, string>) =>
    `/?${new URLSearchParams({ mailbox: String(mailbox.id), folder, ...(tag && { tag }), ...changed })}`;
  return (
    <>
      <h1>{mailbox.name}</h1>
      <div class="row spread above">
        <nav aria-label="Folders" class="row">
          {Object.entries(counts).map(([name, count]) => (
            <a
              key={name}
              href={href({ folder: name })}
              class="badge"
              aria-current={name === folder ? 'true' : undefined}
            >
              {`${name} ${count}`}
            </a>
          ))}
        </nav>
        <form method="get" action="/" class="row">
          <input type="hidden" name="mailbox" value={mailbox.id} />
          <input type="hidden" name="folder" value={folder} />
          <label class="side">
            Tag
            <input name="tag" value={tag} list="tags" autocomplete="off" />
          </label>
          <datalist id="tags">
            {tags.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <button type="submit">Filter</button>
          {tag !== '' && <a href={href({ tag: '' })}>All tags</a>}
        </form>
      </div>
      <div class="card">
        {rows.length === 0 ? <p class="quiet">No conversations.</p> : <Rows data={data} rows={rows} href={href} />}
      </div>
      {pages > 1 && (
        <nav aria-label="Pages" class="row pager">
          {page > 1 && <a href={href({ page: String(page - 1) })}>Newer</a>}
          <span class="quiet">{`Page ${page} of ${pages}`}</span>
          {page < pages && <a href={href({ page: String(page + 1) })}>Older</a>}
        </nav>
      )}
    </>
  );
}

interface RowsProps {
  data: FreeScoutData;
  rows: Conversation[];
  href: (changed: Record<string, string>) => string;
}

function Rows({ data, rows, href }: RowsProps): VNode {
  return (
    <section class="scroll" aria-label="Conversations" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">Conversation</th>
            <th scope="col">Status</th>
            <th scope="col">Assigned to</th>
            <th scope="col">Changed</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>{row.id}</td>
              <td>
                <a href={`/conversation/${row.id}`}>{row.subject || '(no subject)'}</a>
                <div class="quiet">{nameOf(data, { type: 'customer', id: row.customerId })}</div>
                <div class="row">
                  {row.tags.map((name) => (
                    <a key={name} class="badge tag" href={href({ tag: name })}>
                      {name}
                    </a>
                  ))}
                </div>
              </td>
              <td>
                <StatusBadge conversation={row} />
              </td>
              <td>{row.assigneeId === null ? 'Unassigned' : nameOf(data, { type: 'user', id: row.assigneeId })}</td>
              <td class="quiet">
                <Time at={row.updatedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
