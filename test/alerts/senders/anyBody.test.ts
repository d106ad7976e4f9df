import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRequest } from '../../../src/alerts/senders/readRequest.ts';
import { SENDERS } from '../../../src/alerts/senders/registry.ts';
import { NotUnderstood } from '../../../src/alerts/senders/sender.ts';
import { fixturesOf } from './fixtures.ts';

/** A copy of the value in which some parts are replaced by anything. */
const mutated = (value: unknown): fc.Arbitrary<unknown> => {
  // An object of this form cannot be converted to a text or a number.
  const inconvertible = fc.constantFrom({ toString: 1.5, valueOf: null }, [{ toString: 1.5 }]);
  const anything = fc.oneof(fc.constant(null), fc.jsonValue({ maxDepth: 2 }), fc.constant('__proto__'), inconvertible);
  const kept: fc.Arbitrary<unknown> = Array.isArray(value)
    ? fc.tuple(...value.map(mutated))
    : typeof value === 'object' && value !== null
      ? fc.record(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mutated(inner)])))
      : fc.constant(value);
  return fc.oneof({ weight: 8, arbitrary: kept }, { weight: 1, arbitrary: anything });
};

it.each(SENDERS.map((sender) => [sender.title, sender] as const))(
  '%s: a request with any content is read or not understood, and never fails otherwise',
  async (_title, sender) => {
    // The mapping that does not end takes a second for each run.
    const fixtures = fixturesOf(sender.name).filter(({ file }) => !file.endsWith('endless.json'));
    const drawn = fc.constantFrom(...fixtures).chain((fixture) => {
      const { body } = fixture.request;
      const sent =
        typeof body === 'string'
          ? fc.oneof(fc.constant(body), fc.string())
          : mutated(body).map((each) => JSON.stringify(each));
      return sent.map((text) => ({ fixture, text }));
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ fixture: { request, settings }, text }) => {
        const all = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null, ...settings };
        try {
          const { alerts } = await readRequest(sender, { ...request, body: Buffer.from(text) }, all);
          for (const { alert_id } of alerts) expect(alert_id).toMatch(/^[0-9a-f]{64}$/);
        } catch (error) {
          if (!(error instanceof NotUnderstood)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  },
);
