import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { documents, read } from './documents.ts';

test('docs/settings.md contains the table of settings that the program generates', async () => {
  const { stdout: table } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'scripts/settings-table.js'],
    { cwd: packageRoot },
  );
  expect(table).toContain('| `DATABASE_URL` |');
  expect(read('docs/settings.md')).toContain(table);
});

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

describe.each(documents)('%s', (path) => {
  const text = read(path);

  test(`${path} names only files and folders that exist`, () => {
    // A name with a placeholder or a pattern, such as `src/<area>/` or `test/*.ts`, names no single file.
    const named = [...text.matchAll(/`((?:src|machines|test|docs|scripts|bin|\.ci)\/[\w./-]*)`/g)].map(
      ([, name = '']) => name,
    );
    expect(named.filter((name) => !existsSync(join(packageRoot, name)))).toStrictEqual([]);
  });

  test(`${path} links only to files and headings that exist`, () => {
    const prose = text.replace(/```[\s\S]*?```/g, '');
    const targets = [...prose.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
      ([, link, image]) => link ?? image ?? '',
    );
    const broken = targets.filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(path, target));
    expect(broken).toStrictEqual([]);
  });

  test(`${path} names only npm scripts that exist`, () => {
    const named = [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toStrictEqual([]);
  });
});

/** Whether a link in a document leads to a file or folder and, if it names one, to a heading there. */
function leadsSomewhere(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : normalize(join(dirname(from), file));
  if (!existsSync(join(packageRoot, path))) return false;
  return anchor === undefined || anchorsOf(read(path)).includes(anchor);
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(markdown: string): string[] {
  const headings = markdown.replace(/```[\s\S]*?```/g, '').match(/^#+ .*$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('README.md', () => {
  const readme = read('README.md');
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, commands = '']) => commands.trim());

  test('README.md gives the command to run the program and the command to test it a block each', () => {
    expect(blocks.slice(0, 2)).toStrictEqual(['npm ci && npm start', 'npm ci && npm run verify']);
  });

  test('README.md names the Node.js version and the ports before the first command', () => {
    const introduction = readme.slice(0, readme.indexOf('npm ci'));
    expect(introduction).toContain('Node.js 20.19');
    expect(introduction).toContain('3000 to 3003');
  });

  test('README.md gives the same test command that continuous integration runs', () => {
    expect(read('.ci/run')).toContain(blocks[1]);
  });
});

describe('docs/decisions', () => {
  const records = readdirSync(join(packageRoot, 'docs/decisions')).filter((name) => name !== 'README.md');

  test('each decision record has a number of its own, the same in its file name and in its heading', () => {
    const numbers = records.map((name) => Number(name.slice(0, 4)));
    expect(new Set(numbers).size).toBe(numbers.length);
    const headings = records.map((name) => Number(/^# (\d+)\. /.exec(read(`docs/decisions/${name}`))?.[1]));
    expect(headings).toStrictEqual(numbers);
  });

  test('docs/decisions/README.md lists every decision record', () => {
    const index = read('docs/decisions/README.md');
    expect(records.filter((name) => !index.includes(`(${name})`))).toStrictEqual([]);
  });
});
