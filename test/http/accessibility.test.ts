import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { ALERTS, GRID } from './states/grid.ts';
import { AUDIT, DEAD_LETTERS, FLAGS, INSPECT, RECONCILED } from './states/machines.ts';
import { CUSTOMERS, PROBLEMS, SESSIONS, WAY_IN } from './states/people.ts';
import { pageRoutes } from './support.ts';
import { type Walk, walk } from './walk.ts';

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
let walks: Walk[];
beforeAll(async () => {
  browser = await launchBrowser();
  const lanes = Array.from({ length: LANES }, (_, lane) => STATES.filter((_state, n) => n % LANES === lane));
  walks = await Promise.all(lanes.map((states) => walk(browser, states)));
}, 300_000);
afterAll(() => browser.close());

it('every page is accessible in every state, light and dark, wide and narrow, scrolls in one direction only, and the browser has no complaint', () => {
  expect(walks.flatMap(({ faults }) => faults)).toEqual([]);
});

it('every page that a route answers with was looked at', () => {
  const visited = walks.flatMap((walked) => [...walked.visited]);
  const routes = pageRoutes();
  expect(routes.length).toBeGreaterThan(10);
  const missed = routes.filter((route) => !visited.some((visit) => isOf(route, visit)));
  expect(missed).toEqual([]);
});

const isOf = (route: string, visit: string): boolean =>
  new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`).test(visit);
