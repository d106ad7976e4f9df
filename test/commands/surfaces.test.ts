import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { run } from './run.ts';

async function surfacesFile(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-surfaces-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'surfaces.yaml'), text);
  return join(dir, 'surfaces.yaml');
}

const VALID = 'surfaces:\n  - id: api\n    name: API\n    url: https://api.example.com/\n';

it('surfaces check prints that a file is valid', async () => {
  const file = await surfacesFile(VALID);
  expect(await run(['surfaces', 'check', file])).toMatchObject({
    out: [`${file} is valid: 1 surface.`],
    failure: null,
  });
});

it('surfaces check without a file checks the file of the settings', async () => {
  const file = await surfacesFile(VALID);
  expect(await run(['surfaces', 'check'], { SURFACES_FILE: file })).toMatchObject({ failure: null });
});

it('surfaces check prints each error with its line', async () => {
  const { failure, out } = await run(['surfaces', 'check', await surfacesFile(VALID.replace('id: api', 'id: API'))]);
  expect(failure).toMatch(/surfaces\.yaml.*2.*surfaces\.0\.id/);
  expect(out).toEqual([]);
});

it('surfaces check fails if the file does not exist', async () => {
  expect((await run(['surfaces', 'check', '/nowhere/surfaces.yaml'])).failure).toBe(
    'There is no file /nowhere/surfaces.yaml.',
  );
});

it('surfaces check warns of variables that the file refers to and that are not set', async () => {
  const file = await surfacesFile(`${VALID}    headers: { X-Api-Key: "\${API_KEY}", X-Team: "\${TEAM}" }\n`);
  expect(await run(['surfaces', 'check', file], { TEAM: 'sre' })).toMatchObject({
    out: [`${file} is valid: 1 surface.`],
    err: [
      'warning: surface api refers to API_KEY, not set here: without it in the environment of the worker, every check fails.',
    ],
    failure: null,
  });
});

it('surfaces check warns of tokens of sources that can be guessed, and does not show them', async () => {
  const sources = ['SHORT', 'REPEATED', 'GOOD'].map(
    (name) => `  - { id: ${name.toLowerCase()}, token_env: ${name} }\n`,
  );
  const file = await surfacesFile(`${VALID}sources:\n${sources.join('')}`);
  const env = { SHORT: 'a-token', REPEATED: 'x'.repeat(40), GOOD: 'a-token-of-a-source-0123456789' };
  expect(await run(['surfaces', 'check', file], env)).toMatchObject({
    out: [`${file} is valid: 1 surface, 3 sources.`],
    err: [
      'warning: the token of source short in SHORT consists of fewer than 16 characters: production refuses its requests until another one is set.',
      'warning: the token of source repeated in REPEATED consists of one repeated character: production refuses its requests until another one is set.',
    ],
    failure: null,
  });
});
