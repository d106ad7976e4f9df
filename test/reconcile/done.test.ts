import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DONE } from '../../src/reconcile/done.ts';
import { packageRoot } from '../../src/root.ts';

test('whatever the reconciler says that it did is explained to operators', async () => {
  const manual = await readFile(join(packageRoot, 'docs/operating.md'), 'utf8');
  const section = manual.slice(manual.indexOf('## Reconciler'), manual.indexOf('## Retention and growth'));
  const explained = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
    names.match(/\w+/g),
  );
  expect(explained.filter((name) => name !== 'what').toSorted()).toStrictEqual([...DONE].toSorted());
});
