import type { JSX } from 'preact';
import type { Page } from '../endpoint.ts';

export function signInPage(): Page {
  return { title: 'Sign in', section: null, live: [], body: <SignIn /> };
}

function SignIn(): JSX.Element {
  return (
    <article class="problem-page">
      <h1>Sign in</h1>
      <p>Signing in through the identity provider is not available in this release.</p>
      <p>
        API tokens work: send one from <code>CONSOLE_API_TOKENS</code> as <code>Authorization: Bearer …</code> with each
        request.
      </p>
    </article>
  );
}
