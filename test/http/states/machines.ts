import { Problem } from '../../../src/lib/problem.ts';
import type { SuppressedAlerts } from '../../../src/model/alerts.ts';
import type { DeadLetter } from '../../../src/model/deadLetters.ts';
import type { FlagState } from '../../../src/model/operations.ts';
import { openMenu } from '../../support/browser.ts';
import * as samples from '../samples.ts';
import { LONG_TEXT, LONG_WORD, none, type PageState, press } from './state.ts';

/** Flags, the audit log, state machines, dead letters and the reconciler. */

const FLAGS_PATH = '/console/flags';
const NOTHING_HELD: SuppressedAlerts = { active: 0, ended: 0, rows: [] };
const free: FlagState[] = samples.FLAGS.map((flag) => ({ ...flag, forced_off: false, changed_by: LONG_WORD }));
/** Not the banner of interrupted updates, which a busy machine may show before. */
const isFlashed = 'body > .banner:not(#link-lost)';

export const FLAGS: PageState[] = [
  { name: 'one forced off, with suppressed tickets', path: FLAGS_PATH },
  {
    name: 'without suppressed tickets',
    path: FLAGS_PATH,
    services: { suppressedAlerts: async () => NOTHING_HELD, flags: async () => free },
  },
  { name: 'for a viewer', path: FLAGS_PATH, as: 'viewer' },
  { name: 'the menu of the navigation is open', path: FLAGS_PATH, act: (page) => openMenu(page, 'System') },
  {
    name: 'one is changed',
    path: FLAGS_PATH,
    act: async (page) => {
      await press(page, /Turn off/);
      await page.waitForSelector(isFlashed);
    },
  },
  {
    name: 'a change is refused',
    path: FLAGS_PATH,
    status: 409,
    leadsTo: 'POST /console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET',
    services: {
      flags: async () => free,
      setFlag: () => Promise.reject(new Problem('forced_off', 'It is forced off by the environment.')),
    },
    act: async (page) => {
      await press(page, /Turn on/);
      await page.waitForSelector('.problem-page');
    },
  },
];

export const AUDIT: PageState[] = [
  { name: 'rows', path: '/console/audit' },
  { name: 'no row', path: '/console/audit', services: { audit: none } },
  { name: 'filtered to nothing', path: '/console/audit?action=console.no&q=x', services: { audit: none } },
  {
    name: 'a search that leads to earlier days',
    path: '/console/audit?q=x',
    services: { audit: async () => ({ rows: [], next_cursor: 'next', searched_since: '2026-05-01T00:00:00.000Z' }) },
  },
  {
    name: 'long words',
    path: '/console/audit?cursor=next',
    services: {
      audit: async () => ({
        rows: samples.AUDIT.map((row) => ({
          ...row,
          action: 'console.reconcile.twin_found',
          actor: LONG_WORD,
          payload: { text: LONG_TEXT, url: `https://${LONG_WORD}/${LONG_WORD}`, deep: { list: [1, null, LONG_WORD] } },
        })),
        next_cursor: 'next',
      }),
    },
  },
];

const ACTORS = '/console/inspect/actors';
const detail = (id: string, change: Partial<ReturnType<typeof samples.actorDetail>> = {}) => ({
  actor: async () => ({
    ...samples.actorDetail({
      id,
      kind: 'umbrella',
      version: 1,
      rev: 1,
      state: {},
      parked: null,
      updated_at: samples.at(1),
    }),
    ...change,
  }),
});

export const INSPECT: PageState[] = [
  { name: 'actors', path: ACTORS },
  { name: 'no actor', path: ACTORS, services: { actors: none } },
  { name: 'filtered to nothing', path: `${ACTORS}?kind=umbrella&state=x`, services: { actors: none } },
  {
    name: 'a search that leads to earlier actors',
    path: `${ACTORS}?q=x`,
    services: { actors: async () => ({ rows: [], next_cursor: 'next', searched_since: '2026-05-01T00:00:00.000Z' }) },
  },
  { name: 'a surface', path: `${ACTORS}/surface%3Aapi-prod` },
  { name: 'a parked alert', path: `${ACTORS}/alert%3Aprometheus%3A0099ffee11223344` },
  {
    name: 'a new umbrella',
    path: `${ACTORS}/umbrella%3Aprometheus`,
    services: detail('umbrella:prometheus', { next_events: [], timers: [], effects: [], history: [] }),
  },
  {
    name: 'long words',
    path: `${ACTORS}/umbrella%3Aprometheus`,
    services: detail(`umbrella:${LONG_WORD}`, { context: { said: LONG_TEXT, at: LONG_WORD }, state: { a: LONG_WORD } }),
  },
  { name: 'unknown', path: `${ACTORS}/surface%3Anothing`, status: 404 },
];

const LETTERS = '/console/dead-letters';
const [letter] = samples.DEAD_LETTERS as [DeadLetter];
const several: DeadLetter[] = [
  letter,
  {
    ...letter,
    id: 'd2',
    src: 'fileTicket',
    kind: 'ticket',
    reason: 'rejected',
    edited: true,
    attempts: 1,
    payload: { subject: LONG_TEXT, body: `${LONG_TEXT}\n${LONG_WORD}${LONG_WORD}` },
    error: { code: 'rejected', message: LONG_TEXT },
  },
];
const listed = (rows: DeadLetter[], total = rows.length) => ({
  deadLetters: async () => ({ rows, next_cursor: null, total }),
});

export const DEAD_LETTERS: PageState[] = [
  { name: 'one', path: LETTERS },
  { name: 'many, a page of them', path: LETTERS, services: listed(several, 1_204) },
  { name: 'none', path: LETTERS, services: listed([]) },
  { name: 'filtered to nothing', path: `${LETTERS}?kind=note&reason=x`, services: listed([]) },
  { name: 'for a viewer', path: LETTERS, as: 'viewer' },
  {
    name: 'the count differs',
    path: LETTERS,
    services: listed(several),
    status: 409,
    leadsTo: 'POST /console/dead-letters/replay',
    act: async (page) => {
      await page.getByLabel(/to replay all of them/).fill('3');
      await press(page, 'Replay all');
      await page.waitForSelector('.problem-page');
    },
  },
  {
    name: 'one is replayed',
    path: LETTERS,
    act: async (page) => {
      await press(page, /^Replay/);
      await page.waitForSelector(isFlashed);
    },
  },
  { name: 'a dead letter', path: `${LETTERS}/d1` },
  { name: 'a dead letter, for a viewer', path: `${LETTERS}/d1`, as: 'viewer' },
  {
    name: 'a dead letter with long words',
    path: `${LETTERS}/d2`,
    services: {
      deadLetter: async () => ({ ...several[1], id: `alert:${LONG_WORD}:1:file`, history: [] }) as DeadLetter,
    },
  },
  {
    name: 'an edit is saved',
    path: `${LETTERS}/d1`,
    act: async (page) => {
      await press(page, 'Save');
      await page.waitForSelector(isFlashed);
    },
  },
  {
    name: 'an edit is refused',
    path: `${LETTERS}/d1`,
    status: 400,
    leadsTo: 'POST /console/dead-letters/d1/edit',
    act: async (page) => {
      await page.locator('textarea').fill('{"thread": ');
      await press(page, 'Save');
      await page.waitForSelector('#refused');
    },
  },
  {
    name: 'a replay is refused',
    path: `${LETTERS}/d1`,
    status: 409,
    leadsTo: 'POST /console/dead-letters/d1/replay',
    services: {
      replayDeadLetter: () => Promise.reject(new Problem('reason_gone', 'The alert that wanted it has resolved.')),
    },
    act: async (page) => {
      await press(page, /^Replay/);
      await page.waitForSelector('.problem-page');
    },
  },
  { name: 'replayed already', path: `${LETTERS}/d9`, status: 404 },
];

const RECONCILE = '/console/reconcile';
const found = samples.RECONCILIATION;
export const RECONCILED: PageState[] = [
  { name: 'with problems', path: RECONCILE },
  {
    name: 'without problems',
    path: RECONCILE,
    services: {
      reconciliation: async () => ({ last_run: { ...found.last_run, did: {} }, standing: [], recent: [] }),
    },
  },
  {
    name: 'before the first run',
    path: RECONCILE,
    services: { reconciliation: async () => ({ last_run: null, standing: [], recent: [] }) },
  },
  {
    name: 'FreeScout is failing, an actor is parked, long words',
    path: RECONCILE,
    services: {
      reconciliation: async () => ({
        ...found,
        last_run: { ...found.last_run, desk: 'failing' },
        standing: [
          { kind: 'parked', details: { actor: `alert:${LONG_WORD}`, reason: LONG_TEXT }, found_at: samples.at(9) },
        ],
      }),
    },
  },
];
