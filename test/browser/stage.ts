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

/** The built program, what it talks to on loopback, and a browser to look at it. */
export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Waits for what the world comes to, on a busy machine too. */
export const eventually = <T>(check: () => T | Promise<T>, timeout = 60_000): Promise<T> =>
  vi.waitFor(check, { timeout, interval: 100 });

/** What it lives on; it goes with the stage. */
interface Ground {
  url: string;
  drop(): Promise<void>;
}

export async function openStage(ground: Ground, more: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'auto-ticketing-stage-'));
  const desk = await startSandboxFreeScout({ apiKey: 'test-key-000000000000000000000000' });
  const slack = await startSandboxSlack({ token: 'xoxb-test-token', userId: 'U1' });
  const services = await startSandboxServices();
  const file = join(folder, 'surfaces.yaml');
  await writeFile(file, JSON.stringify({ surfaces: services.surfaces }));
  const program = await startProgram([], {
    DATABASE_URL: ground.url,
    SURFACES_FILE: file,
    POLL_INTERVAL_SECONDS: '1',
    FREESCOUT_BASE_URL: desk.url,
    FREESCOUT_API_KEY: desk.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(desk.operationsMailboxId),
    FREESCOUT_SUPPORT_MAILBOX_ID: String(desk.supportMailboxId),
    FREESCOUT_TIMEOUT_MS: '3000',
    SLACK_BOT_TOKEN: slack.token,
    SLACK_DM_USER_ID: slack.userId,
    SLACK_API_URL: slack.apiUrl,
    ...more,
  });
  const browser: Browser = await launchBrowser();

  return {
    url: program.url,
    folder,
    program,
    desk,
    slack,
    services,
    browser,
    /** Opens a path of the console on a page of its own. */
    async visit(path: string, options: BrowserContextOptions = {}): Promise<Visit> {
      const visit = await openPage(browser, options);
      await visit.page.goto(program.url + path);
      return visit;
    },
    /** JSON of a path of the console. */
    async read<T>(path: string): Promise<T> {
      return (await program.get(path)).json() as Promise<T>;
    },
    async close(): Promise<void> {
      await browser.close();
      await program.kill();
      await Promise.all([desk.stop(), slack.stop(), services.stop()]);
      await ground.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const tileOf = (page: Page, id: string) => page.locator(`#tile-${id}`);

/** Waits until a page that is open anyway says this. */
export const shows = (page: Page, selector: string, text: string | RegExp, timeout = 60_000): Promise<void> =>
  page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout });
