import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  environment = await startEnvironment({ STORM_MAX_TICKETS: '5', STORM_MAX_TICKETS_TOTAL: '4' });
});
afterAll(() => environment.close());

it('the limit over all sources holds, and each source has its own umbrella ticket', async () => {
  const [one, two] = [environment.process(), environment.process()];
  await Promise.all(
    ['a', 'b', 'c'].flatMap((source, n) =>
      Array.from({ length: 3 }, (_, i) =>
        (n % 2 ? one : two).aggregator.ingest(source, [
          { alert_id: `${source}${i}`, severity: 'P2', status: 'firing', title: `Total ${source}${i}` },
        ]),
      ),
    ),
  );
  await environment.settled();
  expect(environment.tickets().filter(({ subject }) => subject.includes('P2: Total'))).toHaveLength(4);
  const sources = (await environment.audit('console.alerts.ticket_skipped')).map(({ actor }) => actor);
  expect(sources).toHaveLength(5);
  const umbrellas = environment.tickets().filter(({ subject }) => subject.includes('STORM'));
  expect(umbrellas.map(({ tags }) => tags.toSorted()[1]).toSorted()).toEqual(
    [...new Set(sources)].map((source) => `auto:alert:${source}`).toSorted(),
  );
});
