import type { VNode } from 'preact';
import { ROLES } from '../../config/roles.ts';
import { Shell, type ShellProps } from '../pageShell.tsx';
import type { Client } from './authorizationRequest.ts';
import { CHOICES } from './people.ts';

type Frame = Pick<ShellProps, 'product' | 'nav'>;

/** Who a person wants to be. The form leads to the address of the page, whose query is the request of the console. */
export function ChoicePage({ problem, ...frame }: Frame & { problem: string | null }): VNode {
  return (
    <Shell {...frame} title="Who are you?">
      <h1>Who are you?</h1>
      <p class="lead">Choose who signs in to Auto-Ticketing. There are no passwords.</p>
      <section class="card" aria-labelledby="people">
        <h2 id="people">People</h2>
        <form method="post" class="big">
          {CHOICES.map(({ id, label }) => (
            <button key={id} type="submit" name="person" value={id} id={`person-${id}`}>
              {label}
            </button>
          ))}
        </form>
      </section>
      <OtherPerson problem={problem} />
      <form method="post">
        <button type="submit" name="refuse" value="1" id="refuse">
          Refuse the sign-in
        </button>
      </form>
    </Shell>
  );
}

function OtherPerson({ problem }: { problem: string | null }): VNode {
  return (
    <section class="card" aria-labelledby="other">
      <h2 id="other">Somebody else</h2>
      {problem === null ? null : <p role="alert">{problem}</p>}
      <form method="post" class="grid">
        <label>
          E-mail address
          <input name="email" type="email" required autocomplete="off" maxLength={200} />
        </label>
        <label>
          Role
          <select name="role">
            {ROLES.map((role) => (
              <option key={role}>{role}</option>
            ))}
            <option value="">none</option>
          </select>
        </label>
        <label class="check">
          <input name="verified" type="checkbox" checked />
          The address is verified
        </label>
        <button type="submit">Sign in</button>
      </form>
    </section>
  );
}

/** Who is signed in here, and how the console is registered. */
export function HomePage({ email, client, ...frame }: Frame & { email: string | null; client: Client }): VNode {
  return (
    <Shell {...frame} title="Sign-in">
      <h1>Sign-in</h1>
      <p class="lead">
        An OpenID provider to try signing in to the console. Sign in there; the people and their roles are chosen here.
      </p>
      <div class="card">
        {email === null ? <p>Nobody is signed in here in this browser.</p> : <p>{`${email} is signed in here.`}</p>}
        {email === null ? null : <SignOutButton />}
      </div>
      <section class="card" aria-labelledby="client">
        <h2 id="client">The console as a client</h2>
        <dl class="facts">
          <div>
            <dt>Client id</dt>
            <dd>
              <code>{client.id}</code>
            </dd>
          </div>
          <div>
            <dt>Redirect address</dt>
            <dd>
              <code>{client.redirectUri}</code>
            </dd>
          </div>
        </dl>
      </section>
    </Shell>
  );
}

/** A question, because another site may have sent the browser here. */
export function EndSessionPage(frame: Frame): VNode {
  return (
    <Shell {...frame} title="Sign out">
      <h1>Sign out?</h1>
      <p>You are about to sign out of the sandbox OpenID provider.</p>
      <form method="post">
        <button type="submit" class="primary">
          Sign out
        </button>
      </form>
    </Shell>
  );
}

function SignOutButton(): VNode {
  return (
    <form method="post" action="/session/end">
      <button type="submit">Sign out here</button>
    </form>
  );
}

export function MessagePage({ text, ...frame }: Frame & { text: string }): VNode {
  return (
    <Shell {...frame} title="Sign-in refused">
      <h1>Sign-in refused</h1>
      <p>{text}</p>
    </Shell>
  );
}
