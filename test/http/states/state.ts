import type { Page } from 'playwright-core';
import type { ConsoleApi } from '../../../src/http/consoleApi.ts';

/** One state of one page. */
export interface PageState {
  /** Names the state in a fault report. */
  name: string;
  path: string;
  /** Replaces functions of the fake services. */
  services?: Partial<ConsoleApi>;
  /** The viewer; by default a signed-in admin. */
  as?: 'viewer' | 'nobody' | 'developer';
  /** The status of the last page, if it is not 200. */
  status?: number;
  /** Method and path of the last page, if `path` or `act` leads elsewhere. */
  leadsTo?: string;
  /** Actions on the page that lead to the state. */
  act?: (page: Page) => Promise<unknown>;
}

/** The answer that the browser shows in this state, such as `GET /console/status 200`. */
export const expectedPage = ({ path, status = 200, leadsTo = `GET ${path.split('?', 1)[0]}` }: PageState): string =>
  `${leadsTo} ${status}`;

export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name }).first().click();

/** An empty page of a list. */
export const none = async () => ({ rows: [], next_cursor: null });
export const noAlerts = async () => ({ rows: [], next_cursor: null, active: { P1: 0, P2: 0, P3: 0 } });

/** A word as long as a line, and a sentence longer than a card. */
export const LONG_WORD = 'transaction-reconciliation-service-of-the-northern-region-v2.internal.example.com';
export const LONG_TEXT = `Connection to ${LONG_WORD}:8443 was refused after three attempts, the last of them through the second gateway, and no route to it is known any more`;
