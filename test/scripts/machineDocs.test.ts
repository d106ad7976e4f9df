import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { machineDocs } from '../../scripts/machine-docs.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';

const now = await machineDocs();

it.each([...now.keys()])('%s shows the machines as they are; "npm run docs" writes it anew', async (path) => {
  const written = await readFile(join(packageRoot, path), 'utf8').catch(() => 'nothing');
  expect(written === now.get(path), `${path} is stale: run "npm run docs"`).toBe(true);
});
