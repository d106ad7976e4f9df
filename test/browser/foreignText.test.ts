import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importCustomers } from '../../src/customers/csv.ts';
import { createCustomers } from '../../src/customers/store.ts';
import { createTestDatabase } from '../support/db.ts';
import { type BrowserEnvironment, eventually, startBrowserEnvironment } from './environment.ts';

/** Hostile text in every field that others can fill, sent through the whole program into a real browser. */

const EVIL = '<img src=x onerror="alert(1)">\'"><script>alert(2)</script><svg onload=alert(3)>';

let environment: BrowserEnvironment;
beforeAll(async () => {
  const database = await createTestDatabase();
  const csv = `id,email,name\nc-evil,ada@example.com,"\u202e${EVIL.replaceAll('"', '""')}"\n`;
  await importCustomers(createCustomers(database.pool), Buffer.from(csv));
  environment = await startBrowserEnvironment(database, {
    INGEST_TOKENS: 'evil:evil-token-0000000000000000000000000000',
  });
});
afterAll(() => environment.close());

async function sendHostileAlert(): Promise<void> {
  const alert = {
    alert_id: EVIL,
    severity: 'P1',
    status: 'firing',
    title: `Title ${EVIL}`,
    details: `Details ${EVIL}`,
    url: 'javascript:alert(4)',
  };
  const answer = await fetch(`${environment.url}/api/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer evil-token-0000000000000000000000000000' },
    body: JSON.stringify({ source: 'evil', alerts: [alert] }),
  });
  expect(answer.status).toBe(202);
}

/** The elements that the hostile text created. */
const createdElements = (page: Page) =>
  page.evaluate<string[]>(`[...document.querySelectorAll('*')]
    .filter((e) => (e.tagName === 'IMG' && e.getAttribute('src') === 'x') || [...e.attributes].some(({ name, value }) =>
      name.startsWith('on') || /^\\s*(javascript|data|vbscript):/i.test(value)) || /alert\\(/.test(e.tagName === 'SCRIPT' ? e.textContent : ''))
    .map((e) => e.outerHTML.slice(0, 200))`);

it('hostile text is shown as text on every page and in the ticket that it files', async () => {
  await sendHostileAlert();
  await environment.program.post('/console/surfaces/auth/maintenance', {
    until: new Date(Date.now() + 3_600_000).toISOString(),
    reason: EVIL,
  });
  const filed = await eventually(() => {
    const ticket = environment.freescout.state.tickets.find(({ subject }) => subject.includes('P1: Title'));
    if (!ticket) throw new Error('not filed yet');
    return ticket;
  });
  const { rows } = await environment.read<{ rows: { id: string }[] }>('/console/inspect/actors?kind=alert');
  const paths = [
    '/console/status',
    '/console/surfaces/auth',
    '/console/alerts',
    `/console/alerts?q=${encodeURIComponent(EVIL)}`,
    '/console/audit',
    '/console/customers',
    '/console/customers/c-evil/tickets',
    '/console/inspect/actors',
    ...rows.map(({ id }) => `/console/inspect/actors/${encodeURIComponent(id)}`),
    `/console/customers/${encodeURIComponent(EVIL)}/tickets`,
  ];
  const dialogs: string[] = [];
  const seen: Record<string, { created: string[]; shown: boolean }> = {};
  const { page, complaints } = await environment.visit('/console/status');
  page.on('dialog', async (dialog) => {
    dialogs.push(dialog.message());
    await dialog.dismiss();
  });
  for (const path of paths) {
    await page.goto(environment.url + path);
    seen[path] = {
      created: await createdElements(page),
      shown: ((await page.locator('main').textContent()) ?? '').includes('<img'),
    };
  }
  await page.goto(`${environment.url}/console/customers/c-evil/tickets`);
  expect(await page.locator('main').innerText()).toContain('[U+202E]<img');
  expect(await page.content()).not.toContain('\u202e');
  await page.goto(`${environment.freescout.url}/conversation/${filed.id}`);
  seen.ticket = {
    created: await createdElements(page),
    shown: ((await page.locator('main').textContent()) ?? '').includes('<img'),
  };

  expect(Object.fromEntries(Object.entries(seen).filter(([, found]) => found.created.length > 0))).toEqual({});
  expect(dialogs).toEqual([]);
  // The browser reports the 404 of the unknown customer.
  expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  // The hostile text was really on these pages.
  expect(Object.values(seen).filter(({ shown }) => shown).length).toBeGreaterThanOrEqual(6);
}, 120_000);
