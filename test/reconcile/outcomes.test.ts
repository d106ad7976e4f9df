import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { OUTCOMES } from '../../src/reconcile/outcomes.ts';

test('every outcome of the reconciler is explained in the operating manual', async () => {
  const manual = await readFile(join(packageRoot, 'docs/operating.md'), 'utf8');
  const section = manual.slice(manual.indexOf('## Reconciler'), manual.indexOf('## Retention and growth'));
  const explained = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
    names.match(/\w+/g),
  );
  expect(explained.filter((name) => name !== 'what').toSorted()).toStrictEqual([...OUTCOMES].toSorted());
});
