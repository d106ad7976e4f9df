import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { read } from './documents.ts';

/** The requirements of level 2 in ASVS 4.0.3: the numbers of each section, without level 3 and deleted ones. */
const LEVEL_2: Record<string, string> = {
  ...{ '1.1': '1-7', '1.2': '1-4', '1.4': '1 4-5', '1.5': '1-4', '1.6': '1-4', '1.7': '1-2', '1.8': '1-2' },
  ...{ '1.9': '1-2', '1.10': '1', '1.11': '1-2', '1.12': '2', '1.14': '1-6' },
  ...{ '2.1': '1-12', '2.2': '1-3', '2.3': '1-3', '2.4': '1-5', '2.5': '1-7', '2.6': '1-3', '2.7': '1-6' },
  ...{ '2.8': '1-7', '2.9': '1-3', '2.10': '1-4' },
  ...{ '3.1': '1', '3.2': '1-4', '3.3': '1-4', '3.4': '1-5', '3.5': '1-3', '3.7': '1' },
  ...{ '4.1': '1-3 5', '4.2': '1-2', '4.3': '1-3' },
  ...{ '5.1': '1-5', '5.2': '1-8', '5.3': '1-10', '5.4': '1-3', '5.5': '1-4' },
  ...{ '6.1': '1-3', '6.2': '1-6', '6.3': '1-2', '6.4': '1-2' },
  ...{ '7.1': '1-4', '7.2': '1-2', '7.3': '1 3-4', '7.4': '1-3' },
  ...{ '8.1': '1-4', '8.2': '1-3', '8.3': '1-8' },
  ...{ '9.1': '1-3', '9.2': '1-4' },
  ...{ '10.2': '1-2', '10.3': '1-3' },
  ...{ '11.1': '1-8' },
  ...{ '12.1': '1-3', '12.2': '1', '12.3': '1-6', '12.4': '1-2', '12.5': '1-2', '12.6': '1' },
  ...{ '13.1': '1 3-5', '13.2': '1-3 5-6', '13.3': '1-2', '13.4': '1-2' },
  ...{ '14.1': '1-4', '14.2': '1-6', '14.3': '2-3', '14.4': '1-7', '14.5': '1-4' },
};
const STATES = ['holds', 'partly', 'open', 'provider', 'operator', 'none'];

/** The numbers from the first to the last. */
const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);

const wanted = Object.entries(LEVEL_2).flatMap(([section, numbers]) =>
  numbers.split(' ').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return span(first, last).map((number) => `${section}.${number}`);
  }),
);

const text = read('docs/asvs.md');
const rows = [...text.matchAll(/^\| (\d+\.\d+\.\d+[^|]*) \| ([^|]+) \| ([^|]+) \| (.+) \|$/gm)].map(
  ([, numbers = '', asks = '', state = '', proof = '']) => ({ numbers, asks, state, proof }),
);

/** `2.5.1–2.5.3, 2.5.5` as single requirements. */
const listed = (numbers: string): string[] =>
  numbers.split(', ').flatMap((part) => {
    const [first = '', last = first] = part.split('–');
    const section = first.replace(/\.\d+$/, '');
    const of = (number: string) => Number(number.slice(number.lastIndexOf('.') + 1));
    return span(of(first), of(last)).map((number) => `${section}.${number}`);
  });

test('docs/asvs.md has one line for every requirement of level 2, and none for others', () => {
  const answered = rows.flatMap(({ numbers }) => listed(numbers));
  expect(wanted.length).toBeGreaterThan(250);
  expect(wanted.filter((number) => !answered.includes(number))).toEqual([]);
  expect(answered.filter((number, index) => !wanted.includes(number) || answered.indexOf(number) !== index)).toEqual(
    [],
  );
});

test('every line has a known state, and a test or a reason', () => {
  expect(rows.filter(({ state, proof }) => !STATES.includes(state) || proof.trim().length < 7)).toEqual([]);
});

test('every file that a line names exists', () => {
  const named = rows.flatMap(({ proof }) =>
    [...proof.matchAll(/`([\w.]+\/[\w./-]*|\.[\w-]+\.cjs)`/g)].map(([, path = '']) => path),
  );
  expect(named.filter((path) => path.startsWith('test/')).length).toBeGreaterThan(100);
  expect(named.filter((path) => !existsSync(join(packageRoot, path)))).toEqual([]);
});
