import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importCustomers } from '../../src/customers/csv.ts';
import { createCustomers } from '../../src/customers/store.ts';
import { createTestDatabase } from '../support/db.ts';
import { eventually, openStage, type Stage } from './stage.ts';

/** What strangers write, in every field they can fill, taken through the whole program into a real browser. */

const EVIL = '<img src=x onerror="alert(1)">\'"><script>alert(2)</script><svg onload=alert(3)>';

let stage: Stage;
beforeAll(async () => {
  const database = await createTestDatabase();
  const csv = `id,email,name\nc-evil,ada@example.com,"${EVIL.replaceAll('"', '""')}"\n`;
  await importCustomers(createCustomers(database.pool), Buffer.from(csv));
  stage = await openStage(database, { INGEST_TOKENS: 'evil:evil-token-0000000000000000000000000000' });
});
afterAll(() => stage.close());

async function tellEvil(): Promise<void> {
  const alert = {
    alert_id: EVIL,
    severity: 'P1',
    status: 'firing',
    title: `Title ${EVIL}`,
    details: `Details ${EVIL}`,
    url: 'javascript:alert(4)',
  };
  const answer = await fetch(`${stage.url}/api/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer evil-token-0000000000000000000000000000' },
    body: JSON.stringify({ source: 'evil', alerts: [alert] }),
  });
  expect(answer.status).toBe(202);
}

/** What of the hostile text became part of the page. */
const harm = (page: Page) =>
  page.evaluate<string[]>(`[...document.querySelectorAll('*')]
    .filter((e) => (e.tagName === 'IMG' && e.getAttribute('src') === 'x') || [...e.attributes].some(({ name, value }) =>
      name.startsWith('on') || /^\\s*(javascript|data|vbscript):/i.test(value)) || /alert\\(/.test(e.tagName === 'SCRIPT' ? e.textContent : ''))
    .map((e) => e.outerHTML.slice(0, 200))`);

it('is text on every page, and in the ticket that it leads to', async () => {
  await tellEvil();
  await stage.program.post('/console/surfaces/auth/maintenance', {
    until: new Date(Date.now() + 3_600_000).toISOString(),
    reason: EVIL,
  });
  const filed = await eventually(() => {
    const ticket = stage.desk.state.tickets.find(({ subject }) => subject.includes('P1: Title'));
    if (!ticket) throw new Error('not filed yet');
    return ticket;
  });
  const { rows } = await stage.read<{ rows: { id: string }[] }>('/console/inspect/actors?kind=alert');
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
  const seen: Record<string, { harm: string[]; shown: boolean }> = {};
  const { page, complaints } = await stage.visit('/console/status');
  page.on('dialog', async (dialog) => {
    dialogs.push(dialog.message());
    await dialog.dismiss();
  });
  for (const path of paths) {
    await page.goto(stage.url + path);
    seen[path] = { harm: await harm(page), shown: ((await page.locator('main').textContent()) ?? '').includes('<img') };
  }
  await page.goto(`${stage.desk.url}/conversation/${filed.id}`);
  seen.ticket = { harm: await harm(page), shown: ((await page.locator('main').textContent()) ?? '').includes('<img') };

  expect(Object.fromEntries(Object.entries(seen).filter(([, found]) => found.harm.length > 0))).toEqual({});
  expect(dialogs).toEqual([]);
  // A missing customer is a 404, which the browser mentions.
  expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  // It was really there to be seen, wherever a stranger's text is shown.
  expect(Object.values(seen).filter(({ shown }) => shown).length).toBeGreaterThanOrEqual(6);
}, 120_000);
