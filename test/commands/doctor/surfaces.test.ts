import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkSurfaces } from '../../../src/commands/doctor/surfaces.ts';

async function check(yaml: string) {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-doctor-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'surfaces.yaml');
  await writeFile(file, yaml);
  return checkSurfaces({ file, allowPrivate: true, pollIntervalSeconds: 30 }, true);
}
const unset = { file: null, allowPrivate: true, pollIntervalSeconds: 30 };

it('counts the surfaces of a good file', async () => {
  const findings = await check('surfaces:\n  - { id: api, name: API, url: https://api.example.com }\n');
  expect(findings).toMatchObject([{ state: 'ok', says: expect.stringContaining('lists 1 surface.') }]);
});

it('has a line for each fault', async () => {
  const findings = await check('surfaces:\n  - { id: API, name: API, url: ftp://x }\n');
  expect(findings.map(({ state }) => state)).toEqual(['FAIL', 'FAIL']);
});

it('says that the file is not there', async () => {
  const findings = await checkSurfaces({ ...unset, file: '/nowhere/s.yaml' }, true);
  expect(findings).toMatchObject([{ state: 'FAIL', says: 'There is no file /nowhere/s.yaml. Correct SURFACES_FILE.' }]);
});

it('misses the file in production only', async () => {
  expect(await checkSurfaces(unset, true)).toMatchObject([{ state: 'WARN' }]);
  expect(await checkSurfaces(unset, false)).toMatchObject([{ state: 'ok' }]);
});
