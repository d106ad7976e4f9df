import type { JSX } from 'preact';
import type { Page } from '../endpoint.ts';

interface SignInFacts {
  provider: string;
  available: boolean;
  trouble: string | null;
  start: string;
  signed_in_as: string | null;
}

export function signInPage(facts: SignInFacts): Page {
  return { title: 'Sign in', section: null, live: [], body: <SignIn {...facts} /> };
}

function SignIn({ provider, available, trouble, start, signed_in_as: name }: SignInFacts): JSX.Element {
  if (!available) {
    return (
      <article class="problem-page">
        <h1>Sign in</h1>
        <p class="banner bad">
          The identity provider {provider} cannot be used at the moment (<code>{trouble}</code>), so nobody can sign in.
        </p>
        <p>
          Checks, alerts and tickets go on without it. API tokens work: send one from <code>CONSOLE_API_TOKENS</code> as{' '}
          <code>Authorization: Bearer …</code> with each request.
        </p>
        <p>
          <a href={start.replace('/start', '')}>Look again</a>
        </p>
      </article>
    );
  }
  if (name !== null) {
    return (
      <article class="problem-page">
        <h1>Signed in</h1>
        <p>You are signed in as {name}.</p>
        <p>
          <a href="/console/status">To the status page</a>
        </p>
        <p>
          <a href={`${start}&as=somebody-else`}>Sign in as somebody else</a>
        </p>
      </article>
    );
  }
  return (
    <article class="problem-page">
      <h1>Sign in</h1>
      <p>This console shows itself only to people who are known to {provider}.</p>
      <p>
        <a class="button primary" href={start}>
          Sign in with {provider}
        </a>
      </p>
    </article>
  );
}

interface SignedOutFacts {
  provider: string;
  provider_sign_out: string | null;
}

export function signedOutPage(facts: SignedOutFacts): Page {
  return { title: 'Signed out', section: null, live: [], body: <SignedOut {...facts} /> };
}

/** Leaving the provider is a step of its own: it ends the person's other programs too, and that is theirs to choose. */
function SignedOut({ provider, provider_sign_out: url }: SignedOutFacts): JSX.Element {
  return (
    <article class="problem-page">
      <h1>Signed out</h1>
      <p>You are signed out of this console.</p>
      {url === null ? (
        <p>You may still be signed in at {provider}. Sign out there too if others use this browser.</p>
      ) : (
        <>
          <p>You are still signed in at {provider}, and so perhaps in other programs. If others use this browser:</p>
          <p>
            <a class="button primary" href={url}>
              Sign out of {provider} too
            </a>
          </p>
        </>
      )}
      <p>
        <a href="/sign-in">Sign in again</a>
      </p>
    </article>
  );
}
