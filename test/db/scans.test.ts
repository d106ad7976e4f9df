import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg, { type DatabaseError } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countOnUmbrella } from '../../src/alerts/admission.ts';
import { expiredEpisodes } from '../../src/alerts/expiredEpisodes.ts';
import { forgetAlerts } from '../../src/alerts/forgetAlerts.ts';
import { forgetFilings } from '../../src/alerts/forgetFilings.ts';
import { forgetGroupedMessages } from '../../src/alerts/forgetGroupedMessages.ts';
import { createIdChurnStore } from '../../src/alerts/idChurnStore.ts';
import { restartDoubts } from '../../src/app/restartDoubts.ts';
import { createShadow } from '../../src/app/shadow.ts';
import { prune } from '../../src/audit/retention.ts';
import { createSessions, type NewSession } from '../../src/identity/sessions.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { SEARCHED_ROWS } from '../../src/model/operations.ts';
import { createCopyStore } from '../../src/notify/copyStore.ts';
import { recount } from '../../src/surfaces/confirmedChecks.ts';
import { readShownStatus } from '../../src/surfaces/shownStatus.ts';
import type { Filing } from '../../src/tickets/filingStore.ts';
import { createNoteStore } from '../../src/tickets/noteStore.ts';
import { eventually } from '../support/eventually.ts';
import { fillDatabase, MANY } from '../support/largeDatabase.ts';
import { recordStatements, type Statement } from '../support/recordStatements.ts';
import { type SenderEnvironment, startSenderEnvironment } from '../support/senderEnvironment.ts';
import { trustedClock } from '../support/trustedClock.ts';

/**
 * No statement of the program reads a table whole that is kept for long. The program runs on a database with 100,000 rows
 * in each, every GET route is asked, alerts are sent, and each statement that it sends is explained by Postgres.
 */

let environment: SenderEnvironment;
let statements: Statement[];
beforeAll(async () => {
  const recorder = recordStatements();
  try {
    environment = await startSenderEnvironment([{ id: 'monitor', type: 'generic' }], {
      STORM_MAX_TICKETS: '1',
      STORM_MAX_TICKETS_TOTAL: '1000',
    });
    await fillDatabase(environment.config.database.url ?? '');
    await exercise();
  } finally {
    recorder.stop();
  }
  const searches: Statement[] = [];
  for (const q of SEARCHED_TEXTS) searches.push(...(await search(q)));
  statements = [...recorder.statements, ...searches];
}, 300_000);
afterAll(() => environment.close());

async function exercise(): Promise<void> {
  await work();
  await workInShadow();
  await signInAndOut();
  await askEveryPage();
  await prune(environment.pool, { checksDays: 90, historyDays: 90 });
  await restartDoubts(environment.pool);
  for (const forget of [forgetAlerts, forgetFilings, forgetGroupedMessages])
    await forget(environment.pool, { days: 90 });
  // The tasks of the program try every five seconds.
  const done = async () => (await environment.pool.query('select name from leases')).rows.map(({ name }) => name);
  await eventually(async () => expect(await done()).toEqual(expect.arrayContaining(TASKS)));
}

/** Alerts, clicks, messages and notes, from their arrival to their end. */
async function work(): Promise<void> {
  const { pool } = environment;
  const one = environment.process();
  await one.fire('first');
  await one.fire('first', { severity: 'P2', title: 'Other' });
  await eventually(() => expect(environment.tickets()).toHaveLength(1));
  await one.fire('second');
  await eventually(async () =>
    expect((await pool.query('select from umbrella_members')).rowCount).toBeGreaterThan(MANY),
  );
  // The second repeat is answered from memory.
  for (const _ of [1, 2]) await one.fire('second');
  await one.resolve('first', 'unheard of');
  await one.check('shop', 'down');
  await recount(pool, [{ surface_id: 'shop', was: 'OPERATIONAL', became: 'DOWN', checks: 2 }]);
  await one.investigate('shop', 'mia');
  await readShownStatus(pool, 30, 'shop');
  await countOnUmbrella(pool, 'monitor');
  // Asked about silent alerts and about changing ids only.
  await expiredEpisodes(pool, [{ alertKey: KEY, lastSeenAt: '0' }]);
  const churn = createIdChurnStore(pool);
  await churn.pruneGroups(['alike'], ['alike']);
  await churn.unrepeatedIds(['alike']);
  const notes = createNoteStore(pool, trustedClock);
  const note = await notes.recordIntent({ id: 'note:1', ticketId: 1 }, false);
  const begun = await notes.beginAttempt(note);
  if (begun) await notes.takeBackAttempt(begun);
  await notes.recordWritten('note:1');
  const copies = createCopyStore(pool);
  const request = { id: 'dm:1@C1', thread: 'alert:1', kind: 'opened', source: 'monitor', body: {}, to: 'C1' } as const;
  await copies.recordCopies([{ of: 'dm:1', request }]);
  await copies.recordHandedOver(['dm:1']);
  await environment.send(
    '/api/alerts',
    {
      source: 'monitor',
      alerts: [{ alert_id: 'posted', severity: 'P1', status: 'firing', title: 'Posted', surface_id: 'shop' }],
    },
    environment.as('monitor'),
  );
  const until = new Date(Date.now() + 600_000).toISOString();
  await environment.ask('/console/surfaces/shop/maintenance', { until, reason: 'upgrade' });
  await environment.ask(`/console/alerts/${encodeURIComponent(KEY)}/resolve`, { reason: 'it is over' });
  const silence = { matchers: { source: 'monitor' }, until, reason: 'disks' };
  for (const what of ['/console/silences', '/console/silences']) await environment.ask(what, silence);
  await pool.query("update silences set created_at = now() - interval '1 hour' where created_by <> 'mia'");
  await one.reviewSuppressed();
  await environment.ask(`/console/silences/${MANY + 1}/end`, {});
  await environment.ask('/console/sources/monitor/test', {});
  await pool.query(`insert into effects (id, actor_id, child_id, src, input, status, finished_at) values
    ('dead:1', 'alert:monitor:1', 'file', 'fileTicket', '{"filingId": "x"}', 'dead', now()), ('dead:2', 'umbrella:monitor', 'dm', 'sendDm', '{}', 'dead', now())`);
  for (const action of ['replay', 'discard']) {
    for (const id of ['dead:1', 'dead:2'])
      await environment.ask(`/console/dead-letters/${id}/${action}`, { reason: 'it is old' });
  }
  await one.reviewSuppressed();
  await one.host.revive();
  await one.stop();
}

/** A ticket, a message and a note of a source in shadow mode. */
async function workInShadow(): Promise<void> {
  const { pool } = environment;
  await pool.query(`insert into alert_sources (id, config) values ('tried', '{"id": "tried", "shadow": true}')`);
  const stormLimits = async () => ({ maxTickets: 1, maxTicketsTotal: 0, windowMinutes: 10 });
  const shadow = createShadow({ pool, consoleUrl: 'http://console.test', stormLimits });
  const request = {
    ...{ path: 'alert', alertKey: 'tried:1', source: 'tried', surfaceId: 'shop', severity: 'P1', title: 'Disk' },
    ...{ since: new Date().toISOString(), ids: ['1'], labels: {}, details: '', url: null },
  };
  const filing = { id: 'tried:1', path: 'alert', marker: 'AT-1', createdAt: new Date(), request };
  await shadow.admission(async () => [null])([filing as unknown as Filing], { probe: false, posts: true });
  const done = { run: async () => ({ outcome: 'done' }), patience: () => null };
  const { sendDm, keepTicket } = shadow.effects({ sendDm: done, keepTicket: done });
  const message = { id: 'dm:tried:1', thread: 'tried:1', source: 'tried', body: {} };
  await sendDm?.run({ ...message, kind: 'opened' } as never, {} as never);
  await sendDm?.run({ ...message, kind: 'ticket', source: 'monitor' } as never, {} as never);
  await keepTicket?.run({ kind: 'note', ticketId: MANY + 1_000_000 } as never, {} as never);
  expect((await pool.query("select from shadow_tickets where source = 'tried'")).rowCount).toBe(1);
}

async function signInAndOut(): Promise<void> {
  const sessions = createSessions(environment.pool, environment.config.session);
  const mia: NewSession = {
    ...{ issuer: 'https://id.example.com', subject: '1', name: 'mia', role: 'viewer', authenticatedAt: null, hint: '' },
    ...{ grant: null, providerSession: null, replaces: null, address: '192.0.2.1', userAgent: 'browser' },
  };
  const { token } = await sessions.open(mia);
  await sessions.open({ ...mia, replaces: token });
  await sessions.find(token, { use: true });
  await sessions.signOut(token);
}

async function askEveryPage(): Promise<void> {
  const { paths } = (await (await environment.ask('/openapi.json')).json()) as { paths: Record<string, { get?: Get }> };
  for (const [path, { get }] of Object.entries(paths)) {
    if (!get || path === '/console/events') continue;
    const known = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(EXAMPLES[name] ?? '1'));
    const filters = (get.parameters ?? []).filter((each) => each.in === 'query').map(({ name }) => name);
    const searches = filters.flatMap((name) =>
      (QUERIES[name] ?? []).map((value) => `?${name}=${encodeURIComponent(value)}`),
    );
    for (const search of ['', ...searches]) await (await environment.ask(`${known}${search}`)).text();
    await (await environment.ask(known, undefined, { accept: 'text/html' })).text();
  }
}

/** Of the same statement, another text may be found in another way. */
async function search(q: string): Promise<Statement[]> {
  const recorder = recordStatements();
  try {
    for (const path of SEARCHES) {
      expect((await environment.ask(`${path}?q=${encodeURIComponent(q)}`)).status).toBe(200);
    }
  } finally {
    recorder.stop();
  }
  return recorder.statements.filter(({ text }) => /ilike/.test(text));
}

const SEARCHES = ['/console/alerts', '/console/inspect/actors', '/console/customers'];
/** None has it; every eighteenth customer, one customer; some alerts, all alerts. Of customers all that match are read. */
const SEARCHED_TEXTS = ['nobody', 'customer 12', '19999@example.com', '77', 'disk'];

const TASKS = ['reconcile', 'compare tickets', 'look at dead letters'];

interface Get {
  parameters?: { name: string; in: string }[];
}

const KEY = `monitor:${'7'.padStart(16, '0')}`;
const EXAMPLES: Record<string, string> = { surface_id: 'shop', actor_id: `alert:${KEY}`, alert_key: KEY };
const QUERIES: Record<string, string[]> = {
  q: ['Disk', 'monitor'],
  state: ['firing', 'flapping', 'resolved', 'parked', 'nowhere'],
  severity: ['P3'],
  source: ['nobody'],
  kind: ['alert'],
  action: ['console.alerts.ticket_filed'],
  since: ['2026-01-01T00:00:00Z'],
};

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Lossy Heap Blocks'?: number;
  Plans?: Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** The last pages, which an index of block ranges does not cover yet, however large the table is. */
const isLastRange = (node: Plan): boolean =>
  (node['Lossy Heap Blocks'] ?? 0) > 0 && (node['Lossy Heap Blocks'] ?? 0) <= 128;

/** How many rows of a table this node read, whether or not they were wanted. */
const rowsRead = (node: Plan): number =>
  !isLastRange(node) && node['Relation Name'] && node['Node Type'].includes('Scan')
    ? ((node['Actual Rows'] ?? 0) +
        (node['Rows Removed by Filter'] ?? 0) +
        (node['Rows Removed by Index Recheck'] ?? 0)) *
      (node['Actual Loops'] ?? 0)
    : 0;

/** A statement that finds its rows by an index reads fewer, however many there are. */
const MAX_ROWS = MANY / 10;
/** What a search looks through, and the few actors that have changed since its statement was sent. */
const MAX_SEARCHED = SEARCHED_ROWS + 100;
/** A search through actors from the last change back: where it ends, or what it finds until there. */
const isRange = (text: string): boolean => /offset \d+ limit 2$|a\.updated_at, a\.id\) >= /.test(text);
/** Statements that may read more. */
const EXEMPT: [file: string, text: RegExp][] = [
  // It looks through 31 days, however many rows these have: test/audit/auditLog.test.ts.
  ['src/audit/auditLog.ts', /ilike/],
  // One page of an admin, over a narrow table of which each alert has one row.
  ['src/alerts/webhooks/sourceList.ts', /split_part/],
];
/** It has a row for each surface and day, and days are deleted. */
const BOUNDED = ['surface_days'];

const isExempt = (file: string, text: string): boolean =>
  EXEMPT.some(([exempt, pattern]) => exempt === file && pattern.test(text));

it('no statement reads a table whole that is kept for long', async () => {
  const client = new pg.Client({ connectionString: environment.config.database.url ?? '' });
  await client.connect();
  const found: string[] = [];
  for (const { text, values, file } of statements) {
    if (!/^\s*(select|with|insert|update|delete)\b/i.test(text) || isExempt(file, text)) continue;
    await client.query("begin; set local lock_timeout = '1s'");
    const explained = `explain (analyze, timing off, format json) ${text}`;
    const result = await client.query(explained, values).catch((error: DatabaseError) => error);
    await client.query('rollback');
    if (result instanceof Error) {
      // A row like it was added since, or the program holds the lock.
      expect(result.code, text).toMatch(/^23|^55P03$/);
      continue;
    }
    const mostRows = isRange(text) ? MAX_SEARCHED : MAX_ROWS;
    const { Plan: plan } = result.rows[0]['QUERY PLAN'][0] as { Plan: Plan };
    for (const node of nodesOf(plan)) {
      if (rowsRead(node) <= mostRows || BOUNDED.includes(node['Relation Name'] ?? '')) continue;
      found.push(
        `${file}: ${rowsRead(node)} rows of ${node['Relation Name']}: ${text.replace(/\s+/g, ' ').slice(0, 200)}`,
      );
    }
  }
  await client.end();
  expect(found).toEqual([]);
});

it('every file that sends statements was exercised', () => {
  const sending = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && /\.query[<(]/.test(readFileSync(join(packageRoot, 'src', file), 'utf8')))
    .map((file) => `src/${file}`);
  const seen = new Set(statements.map(({ file }) => file));
  expect(sending.filter((file) => !seen.has(file) && !ELSEWHERE.some((each) => file.startsWith(each)))).toEqual([]);
});

/** Not part of the running program, concerned with its connections only, or reached in states that this test does not bring about. */
const ELSEWHERE = [
  ...['src/sandbox/', 'src/commands/', 'src/replay/', 'src/db/', 'src/actors/liveness.ts', 'src/app/heartbeat.ts'],
  ...['src/app/migrateAsOwner.ts', 'src/app/prepareDatabase.ts'],
  ...[
    'src/actors/batch.ts',
    'src/actors/effectRunner.ts',
    'src/actors/host.ts',
    'src/actors/migratedTimers.ts',
    'src/alerts/deleteActors.ts',
    'src/alerts/settling.ts',
    'src/alerts/suppression.ts',
    'src/audit/dayRows.ts',
    'src/audit/digestStore.ts',
    'src/audit/oldPartitions.ts',
    'src/audit/rights.ts',
    'src/audit/seal.ts',
    'src/audit/verify.ts',
    'src/deadLetters/',
  ],
  ...[
    'src/identity/failedAttempts.ts',
    'src/identity/signIn.ts',
    'src/identity/spentSignIns.ts',
    'src/identity/sessionRoles.ts',
    'src/reconcile/findings.ts',
    'src/surfaces/fileVersion.ts',
    'src/surfaces/investigate.ts',
  ],
  ...['src/surfaces/maintenanceClock.ts', 'src/surfaces/recheckUpstream.ts'],
];
