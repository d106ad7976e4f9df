import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { vi } from 'vitest';
import { startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { startSandboxServices } from '../../src/sandbox/services/sandboxServices.ts';
import { startSandboxSlack } from '../../src/sandbox/slack/sandboxSlack.ts';
import { launchBrowser, openPage, type Visit } from '../support/browser.ts';
import { startProgram } from '../support/startProgram.ts';

/** The built program with sandbox services, and a browser. */
export type BrowserEnvironment = Awaited<ReturnType<typeof startBrowserEnvironment>>;

/** Waits until `check` no longer throws. The timeout allows for a busy machine. */
export const eventually = <T>(check: () => T | Promise<T>, timeout = 60_000): Promise<T> =>
  vi.waitFor(check, { timeout, interval: 100 });

/** A test database or a cluster of its own; it is dropped at the end. */
interface Database {
  url: string;
  drop(): Promise<void>;
}

/** `args`: of the program, such as `web`; without any it runs everything in one process. */
export async function startBrowserEnvironment(
  database: Database,
  settings: Record<string, string> = {},
  args: string[] = [],
) {
  const folder = await mkdtemp(join(tmpdir(), 'auto-ticketing-browser-'));
  const freescout = await startSandboxFreeScout({ apiKey: 'test-key-000000000000000000000000' });
  const slack = await startSandboxSlack({ token: 'xoxb-test-token', userId: 'U1' });
  const services = await startSandboxServices();
  const file = join(folder, 'surfaces.yaml');
  // On a busy machine a healthy service may answer late, which must neither degrade it nor count as a failure.
  const surfaces = services.surfaces.map((surface) => ({ ...surface, timeout_ms: 15_000, degraded_after_ms: 15_000 }));
  await writeFile(file, JSON.stringify({ surfaces }));
  const env = {
    DATABASE_URL: database.url,
    SURFACES_FILE: file,
    POLL_INTERVAL_SECONDS: '1',
    FREESCOUT_BASE_URL: freescout.url,
    FREESCOUT_API_KEY: freescout.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(freescout.operationsMailboxId),
    FREESCOUT_SUPPORT_MAILBOX_ID: String(freescout.supportMailboxId),
    // FreeScout may answer late too, which must not count as its failure.
    FREESCOUT_TIMEOUT_MS: '30000',
    SLACK_BOT_TOKEN: slack.token,
    SLACK_DM_USER_ID: slack.userId,
    SLACK_API_URL: slack.apiUrl,
    ...settings,
  };
  const program = await startProgram(args, env);
  const browser: Browser = await launchBrowser();

  return {
    url: program.url,
    folder,
    program,
    freescout,
    slack,
    services,
    browser,
    /** Starts one more process with the same settings. */
    start: (more: string[]) => startProgram(more, env),
    /** Opens a path of the console in a new page. */
    async visit(path: string, options: BrowserContextOptions = {}): Promise<Visit> {
      const visit = await openPage(browser, options);
      await visit.page.goto(program.url + path);
      return visit;
    },
    /** Reads a path of the console as JSON. */
    async read<T>(path: string): Promise<T> {
      return (await program.get(path)).json() as Promise<T>;
    },
    async close(): Promise<void> {
      await browser.close();
      await program.kill();
      await Promise.all([freescout.stop(), slack.stop(), services.stop()]);
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const tileOf = (page: Page, id: string) => page.locator(`#tile-${id}`);

/** Waits until an open page shows the text, without a reload. */
export const waitForText = (page: Page, selector: string, text: string | RegExp, timeout = 60_000): Promise<void> =>
  page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout });
