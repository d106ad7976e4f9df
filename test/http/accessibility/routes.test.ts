import { expect, it } from 'vitest';
import { ALERTS, GRID } from '../states/grid.ts';
import { AUDIT, DEAD_LETTERS, FLAGS, INSPECT, RECONCILED } from '../states/machines.ts';
import { CUSTOMERS, PROBLEMS, REFUSALS, SESSIONS, WAY_IN } from '../states/people.ts';
import { SILENCES } from '../states/silences.ts';
import { SOURCES } from '../states/sources.ts';
import { expectedPage } from '../states/state.ts';
import { WEEKLY } from '../states/weekly.ts';
import { pageRoutes } from '../support.ts';

const STATES = [
  ...[GRID, ALERTS, FLAGS, AUDIT, INSPECT, DEAD_LETTERS, RECONCILED, SOURCES, WEEKLY],
  ...[CUSTOMERS, SESSIONS, REFUSALS, WAY_IN, PROBLEMS, SILENCES],
].flat();

it('the accessibility tests visit every page that a route can answer with', () => {
  const visited = STATES.map(expectedPage);
  const routes = pageRoutes();
  expect(routes.length).toBeGreaterThan(10);
  const missing = routes.filter((route) => !visited.some((visit) => matches(route, visit)));
  expect(missing).toEqual([]);
});

const matches = (route: string, visit: string): boolean =>
  new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`).test(visit);
