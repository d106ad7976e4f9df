import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take most of a minute or more on two processors. One of them that started last would run alone for minutes:
 * the largest of all is a short file whose tests are made from a table. The drills judge what the program does in time, so
 * they start beside files that mostly wait, and before those that keep a browser busy. The first file waits for more than two
 * minutes, whatever the machine.
 */
const longest = [
  'test/alerts/webhooks/alertmanager.test.ts',
  'test/sandbox/drill/massOutage.test.ts',
  'test/sandbox/drill/drill.test.ts',
  'test/investigate/budget.test.ts',
  'test/browser/badDays.test.ts',
  'test/http/accessibility/status.test.ts',
  'test/http/accessibility/operation.test.ts',
  'test/http/accessibility/people.test.ts',
  'test/tickets/filingCrash.test.ts',
  'test/e2e/processes.test.ts',
  'test/reconcile/helpdesk.test.ts',
  'test/browser/keyboard.test.ts',
  'test/simulate/simulate.test.ts',
  'test/app/databaseStart.test.ts',
];

/** Starts the longest files first. With --sequence.shuffle, the seed decides the order of all others. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root, sequence } = this.ctx.config;
    const nameOf = ({ moduleId }: TestSpecification) => relative(root, moduleId);
    const draw = (file: TestSpecification) => digest(`${sequence.seed} ${nameOf(file)}`);
    const rank = (file: TestSpecification) => {
      const place = longest.indexOf(nameOf(file));
      return place < 0 ? longest.length : place;
    };
    const sorted = sequence.shuffle ? files.toSorted((a, b) => (draw(a) < draw(b) ? -1 : 1)) : await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
