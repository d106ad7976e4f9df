import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { checkPages, type PageReport } from './checkPages.ts';
import { ALERTS, GRID } from './states/grid.ts';
import { AUDIT, DEAD_LETTERS, FLAGS, INSPECT, RECONCILED } from './states/machines.ts';
import { CUSTOMERS, PROBLEMS, SESSIONS, WAY_IN } from './states/people.ts';
import { pageRoutes } from './support.ts';

const STATES = [
  ...GRID,
  ...ALERTS,
  ...CUSTOMERS,
  ...FLAGS,
  ...AUDIT,
  ...INSPECT,
  ...DEAD_LETTERS,
  ...RECONCILED,
  ...SESSIONS,
  ...WAY_IN,
  ...PROBLEMS,
];
const LANES = 2;

let browser: Browser;
let reports: PageReport[];
beforeAll(async () => {
  browser = await launchBrowser();
  const lanes = Array.from({ length: LANES }, (_, lane) => STATES.filter((_state, n) => n % LANES === lane));
  reports = await Promise.all(lanes.map((states) => checkPages(browser, states)));
}, 300_000);
afterAll(() => browser.close());

it('every page in every state is accessible in light and dark, at every width, without horizontal scrolling or browser errors', () => {
  expect(reports.flatMap(({ faults }) => faults)).toEqual([]);
});

it('the accessibility check visits every page that a route can answer with', () => {
  const visited = reports.flatMap((report) => [...report.visited]);
  const routes = pageRoutes();
  expect(routes.length).toBeGreaterThan(10);
  const missing = routes.filter((route) => !visited.some((visit) => matches(route, visit)));
  expect(missing).toEqual([]);
});

const matches = (route: string, visit: string): boolean =>
  new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`).test(visit);
