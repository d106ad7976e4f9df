import { expect, test } from 'vitest';
import { storableJson } from '../../src/db/storable.ts';
import { registerSecrets } from '../../src/log/secretTexts.ts';

test('U+0000 is removed and lone surrogates become U+FFFD, in names too; everything else is plain JSON', () => {
  const value = { plain: 'ü😀', spelled: String.raw`\u0000`, list: [1, null, 'a\u0000b'], 'k\u0000': 'x\ud800y' };
  expect(JSON.parse(storableJson(value))).toEqual({
    plain: 'ü😀',
    spelled: String.raw`\u0000`,
    list: [1, null, 'ab'],
    k: 'x\ufffdy',
  });
  const harmless = { text: 'x'.repeat(10), nested: { empty: undefined, at: new Date(0) } };
  expect(storableJson(harmless)).toBe(JSON.stringify(harmless));
});

test('an id that contains a secret is stored as it is, also beside text that spells out an escape', () => {
  registerSecrets(['a-token-that-is-the-name-of-its-source']);
  const row = { id: 'alert:a-token-that-is-the-name-of-its-source:1', title: String.raw`\ud83d` };
  expect(storableJson(row)).toBe(JSON.stringify(row));
});
