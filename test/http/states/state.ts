import type { Page } from 'playwright-core';
import type { ConsoleApi } from '../../../src/http/consoleApi.ts';

/** One page as somebody may find it. */
export interface PageState {
  /** What is special about it, so that a fault can be told from others. */
  name: string;
  path: string;
  /** What the services answer otherwise than usual. */
  services?: Partial<ConsoleApi>;
  /** Who looks: an admin who signed in, unless it is said. */
  as?: 'viewer' | 'nobody' | 'developer';
  /** What the last page that comes is answered with, where it is not 200. */
  status?: number;
  /** What a person does on the page to come to see it. */
  act?: (page: Page) => Promise<unknown>;
}

export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name }).first().click();

/** A page of a list on which there is nothing. */
export const none = async () => ({ rows: [], next_cursor: null });

/** One word as long as a line, and a sentence longer than a card. */
export const LONG_WORD = 'transaction-reconciliation-service-of-the-northern-region-v2.internal.example.com';
export const LONG_TEXT = `Connection to ${LONG_WORD}:8443 was refused after three attempts, the last of them through the second gateway, and no route to it is known any more`;
