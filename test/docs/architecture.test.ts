import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { foldersIn, read, section } from './documents.ts';

const architecture = read('docs/architecture.md');

/** The folders that the tree in the document names, each with the path of the folder it is drawn in. */
function drawnFolders(): { parent: string; name: string }[] {
  const [, tree = ''] = /```\n([\s\S]*?)```/.exec(section(architecture, '## Folders')) ?? [];
  const open: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const depth = line.search(/\S/) / 2;
    const names = line.trim().match(/^(?:[\w-]+\/ ?)+/)?.[0] ?? '';
    return names
      .split(/[/ ]+/)
      .filter(Boolean)
      .map((name) => {
        open.length = depth;
        const parent = open.join('/');
        open.push(name);
        return { parent, name };
      });
  });
}

const drawn = drawnFolders();
const parents = [...new Set(drawn.map(({ parent }) => parent))].filter(Boolean);

describe('docs/architecture.md', () => {
  test('the tree in docs/architecture.md has machines/, src/ and test/ with their folders', () => {
    expect(parents).toEqual(expect.arrayContaining(['machines', 'src', 'test']));
  });

  test.each(parents)('the tree in docs/architecture.md names exactly the folders that exist in %s/', (parent) => {
    const names = drawn.filter((folder) => folder.parent === parent).map(({ name }) => name);
    expect(names.toSorted()).toStrictEqual(foldersIn(parent));
  });
});

test('docs/architecture.md explains every table that the migrations create', () => {
  const created = readdirSync(join(packageRoot, 'src/db/migrations'))
    .flatMap((file) => [...read(`src/db/migrations/${file}`).matchAll(/^create table (\w+)/gim)])
    .map(([, table]) => table);
  const explained = [...section(architecture, '## What each table is for').matchAll(/`(\w+)`/g)].map(
    ([, name]) => name,
  );
  expect(created.filter((table) => !explained.includes(table))).toStrictEqual([]);
});
