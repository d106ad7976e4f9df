import { Problem } from '../../errors.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { signInPage } from '../views/signIn.tsx';

const LATER = 'Signing in through the identity provider is not available in this release; API tokens work.';
const toStatus = () => ({ kind: 'redirect', to: '/console/status' }) as const;

export function homeRoutes({ signInSet }: { signInSet: boolean }): Endpoint[] {
  const redirects = ['/', '/console'].map((path) =>
    endpoint({
      method: 'get',
      path,
      access: 'anyone',
      summary: 'On to the status page.',
      answers: { 303: { what: 'The status page.' } },
      handle: toStatus,
    }),
  );
  return [
    ...redirects,
    endpoint({
      method: 'get',
      path: '/sign-in',
      access: 'anyone',
      summary: 'Where people sign in.',
      answers: {
        303: { what: 'The status page, where the local developer is signed in already.' },
        501: { what: 'Signing in through the provider is not available.', page: true },
      },
      handle() {
        if (!signInSet) return toStatus();
        const json = { error: { code: 'not_implemented', message: LATER } };
        return { kind: 'view', status: 501, json, page: signInPage };
      },
    }),
    ...(['get', 'post'] as const).map((method) =>
      endpoint({
        method,
        path: method === 'get' ? '/sign-in/callback' : '/sign-out',
        access: 'anyone',
        summary: 'Part of signing in through the provider.',
        answers: { 501: { what: 'Not available.' } },
        handle() {
          throw new Problem('not_implemented', LATER);
        },
      }),
    ),
  ];
}
