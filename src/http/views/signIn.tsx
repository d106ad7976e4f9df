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
          The identity provider {provider} is unavailable (<code>{trouble}</code>), so nobody can sign in now.
        </p>
        <p>
          Checks, alerts and tickets continue. API tokens still work: send one from <code>CONSOLE_API_TOKENS</code> as{' '}
          <code>Authorization: Bearer …</code> with each request.
        </p>
        <p>
          <a href={start.replace('/start', '')}>Try again</a>
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
          <a href="/console/status">Go to the status page</a>
        </p>
        <p>
          <a href={`${start}&as=somebody-else`}>Sign in as a different user</a>
        </p>
      </article>
    );
  }
  return (
    <article class="problem-page">
      <h1>Sign in</h1>
      <p>Use your account at {provider} to open this console.</p>
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

/** Signing out of the provider is a separate step, because it also signs the person out of other applications. */
function SignedOut({ provider, provider_sign_out: url }: SignedOutFacts): JSX.Element {
  return (
    <article class="problem-page">
      <h1>Signed out</h1>
      <p>You are signed out of this console.</p>
      {url === null ? (
        <p>You may still be signed in at {provider}. Sign out there too if others use this browser.</p>
      ) : (
        <>
          <p>
            You are still signed in at {provider}, and possibly in other applications. If others use this browser, sign
            out there too.
          </p>
          <p>
            <a class="button primary" href={url}>
              Sign out of {provider}
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
