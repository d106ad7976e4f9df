// Writes the table of settings into docs/settings.md from what the program itself says of them:
//   node --import tsx scripts/settings-table.js --write
// Without --write it prints the table; test/docs/docs.test.ts compares the two.
import { readFileSync, writeFileSync } from 'node:fs';
import { describeSettings } from '../src/config/config.ts';

const page = new URL('../docs/settings.md', import.meta.url);
const rows = describeSettings().map(
  ({ name, default: otherwise, meaning }) => `| \`${name}\` | ${cell(otherwise)} | ${cell(phrase(meaning))} |`,
);
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

/** @param {string} text A bar would begin the next cell. */
function cell(text) {
  return text.replaceAll('|', '\\|');
}

/** @param {string} sentence Its capital would be taken for part of a value. */
function phrase(sentence) {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
