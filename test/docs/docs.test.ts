import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';

test('the page about settings shows the table that the program itself would print', async () => {
  const { stdout: table } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'scripts/settings-table.js'],
    { cwd: packageRoot },
  );
  expect(table).toContain('| `DATABASE_URL` |');
  expect(readFileSync(join(packageRoot, 'docs/settings.md'), 'utf8')).toContain(table);
});
