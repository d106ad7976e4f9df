import type { JSX } from 'preact';
import type { PageOf } from '../../model/operations.ts';
import type { SessionRow } from '../../model/people.ts';
import type { Page } from '../endpoint.ts';
import { Tag } from './badges.tsx';
import { Empty, NextPage, PostForm } from './elements.tsx';
import { type Column, Table } from './table.tsx';
import { TimestampWithAge } from './time.tsx';
import { useViewer } from './viewerContext.ts';

interface Props {
  /** Of this page; below it sessions are revoked. */
  path: '/console/sessions' | '/console/my-sessions';
  sessions: PageOf<SessionRow>;
  cursor: string | undefined;
  /** The session of the viewer. */
  ownId: string | null;
}

export function sessionsPage(sessions: Props['sessions'], props: Omit<Props, 'sessions'>): Page {
  return {
    title: isOwn(props) ? 'Your sessions' : 'Sessions',
    section: isOwn(props) ? null : 'sessions',
    live: [],
    body: <SessionsView sessions={sessions} {...props} />,
  };
}

const isOwn = ({ path }: Pick<Props, 'path'>): boolean => path === '/console/my-sessions';

function SessionsView({ sessions, path, cursor, ownId }: Props): JSX.Element {
  const { signInEnabled } = useViewer();
  return (
    <>
      <div class="page-head">
        <h1>{isOwn({ path }) ? 'Your sessions' : 'Sessions'}</h1>
        <p class="quiet">
          {isOwn({ path })
            ? 'The browsers in which you are signed in. Revoke one that you do not know or no longer use.'
            : 'People who are signed in, and their browsers. A role is read again from time to time if the identity provider allows it. To apply a change at once, revoke the sessions of the person.'}
        </p>
      </div>
      {sessions.rows.length === 0 ? (
        <Empty title={signInEnabled ? 'Nobody is signed in.' : 'Sign-in is not configured.'} />
      ) : (
        <Table
          caption="Sessions, newest first"
          columns={columnsFor(path, ownId)}
          rows={sessions.rows}
          rowId={(session) => session.id}
        />
      )}
      <NextPage path={path} query={{ cursor }} cursor={sessions.next_cursor} />
    </>
  );
}

const columnsFor = (path: string, ownId: string | null): Column<SessionRow>[] => [
  {
    title: 'Name',
    isRowHeader: true,
    cell: (session) => (
      <>
        {session.name} {session.id === ownId ? <Tag>this session</Tag> : null}
      </>
    ),
  },
  { title: 'Role', cell: (session) => session.role },
  { title: 'Signed in', cell: (session) => <TimestampWithAge at={session.signed_in_at} /> },
  { title: 'Last used', cell: (session) => <TimestampWithAge at={session.last_used_at} /> },
  { title: 'Expires', cell: (session) => <TimestampWithAge at={session.expires_at} /> },
  { title: 'From', cell: (session) => <Browser session={session} /> },
  { title: 'Action', cell: (session) => <RevokeForm path={path} session={session} /> },
];

function Browser({ session }: { session: SessionRow }): JSX.Element {
  return (
    <>
      <code>{session.address ?? 'unknown'}</code> <span class="quiet">{session.user_agent}</span>
    </>
  );
}

function RevokeForm({ path, session }: { path: string; session: SessionRow }): JSX.Element {
  return (
    <PostForm action={`${path}/${encodeURIComponent(session.id)}/revoke`}>
      <button type="submit" class="button">
        Revoke
        <span class="sr-only">
          {' '}
          the session of {session.name}, {session.id}
        </span>
      </button>
    </PostForm>
  );
}
