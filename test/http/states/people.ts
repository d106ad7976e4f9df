import type { ConsoleApi } from '../../../src/http/consoleApi.ts';
import { Problem, type ProblemCode } from '../../../src/lib/problem.ts';
import type { SignIn } from '../../../src/model/people.ts';
import { fakeConsoleApi } from '../fakeConsoleApi.ts';
import * as samples from '../samples.ts';
import { LONG_TEXT, LONG_WORD, none, type PageState, press } from './state.ts';

/** Customers, sessions, sign-in and sign-out, and error pages. */

const TICKETS = '/console/customers/c-1001/tickets';
const { CUSTOMER } = samples;
const customer = (change: Partial<typeof CUSTOMER>): Partial<ConsoleApi> => ({
  customer: async () => ({ ...CUSTOMER, ...change }),
});
const lengthy = { ...CUSTOMER.open[0], id: 4_051_234, url: 'https://t.example.com/1', status: 'pending' };
const { created_at = samples.at(9), updated_at = samples.at(3) } = CUSTOMER.open[0] ?? {};

/** Replaces functions of the fake identity provider. */
function signIn(change: Partial<SignIn>): Partial<ConsoleApi> {
  const usual = fakeConsoleApi().services.signIn;
  return usual === null ? {} : { signIn: { ...usual, ...change } };
}
const refused = (code: ProblemCode, message: string): Partial<ConsoleApi> =>
  signIn({ complete: () => Promise.reject(new Problem(code, message)) });
const callback = '/sign-in/callback?state=s&code=c';
const signOut = async (page: Parameters<typeof press>[0]) => {
  await press(page, 'Sign out');
  await page.getByRole('heading', { name: 'Signed out' }).waitFor();
};

export const CUSTOMERS: PageState[] = [
  { name: 'all customers', path: '/console/customers' },
  {
    name: 'no customer is found',
    path: '/console/customers?q=nobody',
    services: { customers: async () => ({ customers: [], next_cursor: null }) },
  },
  {
    name: 'no customers',
    path: '/console/customers',
    services: { customers: async () => ({ customers: [], next_cursor: null }) },
  },
  { name: 'with tickets', path: TICKETS },
  { name: 'without tickets', path: TICKETS, services: customer({ open: [], recent: [] }) },
  { name: 'FreeScout is unavailable', path: TICKETS, services: customer({ open: [], recent: [], degraded: true }) },
  {
    name: 'long words',
    path: TICKETS,
    services: customer({
      customer: { id: 'c'.repeat(200), name: LONG_TEXT, email: `${LONG_WORD}@example.org` },
      open: [{ ...lengthy, subject: `${LONG_TEXT} ${LONG_WORD}`, created_at, updated_at }],
    }),
  },
  { name: 'unknown', path: '/console/customers/nobody/tickets', status: 404 },
];

export const SESSIONS: PageState[] = [
  { name: 'several', path: '/console/sessions' },
  { name: 'without sign-in', path: '/console/sessions', as: 'developer', services: { sessions: none } },
  { name: 'a viewer is refused', path: '/console/sessions', as: 'viewer', status: 403 },
  { name: 'own', path: '/console/my-sessions' },
  {
    name: 'one is ended',
    path: '/console/sessions',
    act: async (page) => {
      await press(page, /olga/);
      await page.waitForSelector('body > .banner.good');
    },
  },
];

const REFUSED = '/console/refusals';

export const REFUSALS: PageState[] = [
  { name: 'several kinds and networks', path: REFUSED },
  {
    name: 'none',
    path: REFUSED,
    services: { refusals: async () => ({ kinds: [], hours: [], days: [], networks: [] }) },
  },
  {
    name: 'none of the last hours, and long addresses',
    path: REFUSED,
    services: {
      refusals: async () => ({
        ...samples.REFUSALS,
        hours: [],
        networks: [{ ...samples.REFUSALS.networks[0], network: '2001:db8:1111:2222:3333:4444:5555:6666' }] as never,
      }),
    },
  },
  { name: 'a viewer is refused', path: REFUSED, as: 'viewer', status: 403 },
];

export const WAY_IN: PageState[] = [
  { name: 'signed out', path: '/sign-in', as: 'nobody' },
  { name: 'signed in', path: '/sign-in' },
  {
    name: 'the provider is unavailable',
    path: '/sign-in',
    as: 'nobody',
    services: signIn({ trouble: async () => 'ECONNREFUSED' }),
  },
  { name: 'invalid response', path: callback, as: 'nobody', status: 400 },
  {
    name: 'no role',
    path: callback,
    as: 'nobody',
    status: 403,
    services: refused('no_role', 'You are signed in as mallory, but none of your groups has a role here.'),
  },
  {
    name: 'the provider becomes unavailable',
    path: callback,
    as: 'nobody',
    status: 503,
    services: refused('identity_provider_unavailable', 'id.example.com does not answer.'),
  },
  { name: 'signs out', path: '/console/audit', act: signOut, leadsTo: 'POST /sign-out' },
  {
    name: 'signs out, the provider too',
    path: '/console/audit',
    act: signOut,
    leadsTo: 'POST /sign-out',
    services: signIn({ end: async () => ({ providerUrl: 'https://id.example.com/end' }) }),
  },
];

export const PROBLEMS: PageState[] = [
  { name: 'not found', path: '/nothing', status: 404 },
  { name: 'the database is unavailable', path: '/console/flags', status: 503, services: gone('flags') },
  { name: 'the session cannot be looked up', path: '/console/status', status: 503, services: gone('session') },
  {
    name: 'timed out',
    path: TICKETS,
    status: 503,
    services: { customer: () => Promise.reject(new Problem('busy', 'The list did not answer within 4.5 s.')) },
  },
  {
    name: 'internal error',
    path: '/console/audit',
    status: 500,
    services: { audit: () => Promise.reject(new Error('not foreseen')) },
  },
  { name: 'invalid filter', path: '/console/audit?since=yesterday', status: 400 },
];

function gone(what: 'flags' | 'session'): Partial<ConsoleApi> {
  const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
  return { [what]: () => Promise.reject(error) };
}
