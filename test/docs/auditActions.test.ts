import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { AUDIT_ACTIONS } from '../../src/model/auditActions.ts';
import { OUTCOMES } from '../../src/reconcile/outcomes.ts';
import { read, section } from './documents.ts';

const sources = ['machines', 'src']
  .flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  .filter((path) => /\.tsx?$/.test(path) && path !== 'src/model/auditActions.ts')
  .map(read)
  .join('\n');

it('the list of audit actions has every action in the program, and no other', () => {
  const known = new Set<string>(AUDIT_ACTIONS);
  const written = [...sources.matchAll(/['"`](console(?:\.[a-z_]+){2})['"`]/g)].map(([, action = '']) => action);
  expect(written.filter((action) => !known.has(action))).toEqual([]);
  // Actions whose last part is a variable.
  const prefixes = [...sources.matchAll(/`(console\.[a-z_]+\.[a-z_]*)\$\{/g)].map(([, prefix = '']) => prefix);
  const composed = AUDIT_ACTIONS.filter((action) => !written.includes(action));
  expect(composed.filter((action) => !prefixes.some((prefix) => action.startsWith(prefix)))).toEqual([]);
  expect(
    composed.filter(
      (action) =>
        !new RegExp(`'${action.replace(/^.*[._](?=[a-z]+$)/, '')}'`).test(sources) &&
        !action.startsWith('console.reconcile.'),
    ),
  ).toEqual([]);
  expect(
    AUDIT_ACTIONS.filter((action) => action.startsWith('console.reconcile.')).map((action) => action.slice(18)),
  ).toEqual(OUTCOMES);
});

it('docs/api.md explains every audit action', () => {
  const rows = [...section(read('docs/api.md'), '## GET /console/audit').matchAll(/^\| `(console\.[\w.]+)` \|/gm)];
  expect(rows.map(([, action]) => action)).toEqual([...AUDIT_ACTIONS]);
});
