// Writes the table of settings into docs/settings.md from the settings of the program:
//   node --import tsx scripts/settings-table.js --write
// Without --write it prints the table; test/docs/docs.test.ts compares the two.
import { readFileSync, writeFileSync } from 'node:fs';
import { SETTINGS } from '../src/config/read.ts';

const page = new URL('../docs/settings.md', import.meta.url);
const rows = SETTINGS.map(({ variable, unset, meaning }) => `| \`${variable}\` | ${cell(unset)} | ${cell(meaning)} |`);
const table = ['| setting | when it is unset | what to set it to |', '| --- | --- | --- |', ...rows].join('\n');

if (process.argv.includes('--write')) {
  const between = /(<!-- settings -->\n)[\s\S]*(<!-- end of settings -->)/;
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replace(between, (_, before, after) => `${before}\n${table}\n\n${after}`),
  );
} else {
  console.log(table);
}

/** @param {string} text A bare bar would begin the next cell. */
function cell(text) {
  return text.replaceAll('|', '\\|');
}
