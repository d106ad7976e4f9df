import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { run } from './run.ts';

async function yaml(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-surfaces-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'surfaces.yaml'), text);
  return join(dir, 'surfaces.yaml');
}

const GOOD = 'surfaces:\n  - id: api\n    name: API\n    url: https://api.example.com/\n';

it('says that a file is fine', async () => {
  const file = await yaml(GOOD);
  expect(await run(['surfaces', 'check', file])).toMatchObject({ out: [`${file} is fine: 1 surface.`], failure: null });
});

it('checks the file of the settings when none is named', async () => {
  const file = await yaml(GOOD);
  expect(await run(['surfaces', 'check'], { SURFACES_FILE: file })).toMatchObject({ failure: null });
});

it('prints each fault with its line', async () => {
  const { failure, out } = await run(['surfaces', 'check', await yaml(GOOD.replace('id: api', 'id: API'))]);
  expect(failure).toMatch(/surfaces\.yaml.*2.*surfaces\.0\.id/);
  expect(out).toEqual([]);
});

it('says that there is no such file', async () => {
  expect((await run(['surfaces', 'check', '/nowhere/surfaces.yaml'])).failure).toBe(
    'There is no file /nowhere/surfaces.yaml.',
  );
});
