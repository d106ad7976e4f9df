import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { bodyContains } from '../../src/surfaces/bodyText.ts';

const TEXT = 'Alles verfügbar – 100 €';
const signal = new AbortController().signal;
const find = (wanted: string, bytes: Buffer, contentType = 'text/html', size = bytes.length) => {
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  return bodyContains(Readable.from(chunks), wanted, contentType, signal);
};
const latin1 = (text: string) => Buffer.from(text, 'latin1');
/** 0x80 is the Euro sign in windows-1252, for which browsers take ISO-8859-1 as well. */
const windows1252 = Buffer.concat([
  latin1('Alles verfügbar '),
  Buffer.from([0x96]),
  latin1(' 100 '),
  Buffer.from([0x80]),
]);

it.each([
  ['ISO-8859-1 in its Content-Type', latin1('Dienst Verfügbar'), 'text/plain; charset=ISO-8859-1', 'Verfügbar'],
  ['a quoted charset', latin1('Dienst Verfügbar'), 'text/plain; charset="iso-8859-1"', 'Verfügbar'],
  ['windows-1252', windows1252, 'text/plain;charset=windows-1252', TEXT],
  ['UTF-8', Buffer.from(TEXT), 'text/plain; charset=utf-8', TEXT],
  ['no charset, which is UTF-8', Buffer.from(TEXT), 'text/plain', TEXT],
  ['accents as characters of their own', Buffer.from(TEXT.normalize('NFD')), 'text/plain; charset=utf-8', TEXT],
  ['an unknown charset, which is UTF-8', Buffer.from(TEXT), 'text/plain; charset=x-nonsense', TEXT],
  ['Shift_JIS', Buffer.from([0x90, 0xb3, 0x8f, 0xed]), 'text/plain; charset=Shift_JIS', '正常'],
  ['EUC-KR', Buffer.from([0xc1, 0xa4, 0xbb, 0xf3]), 'text/plain; charset=euc-kr', '정상'],
  ['KOI8-R', Buffer.from([0xcf, 0xcb]), 'text/plain; charset=koi8-r', 'ок'],
  [
    'a meta tag',
    Buffer.concat([latin1('<html><meta charset="iso-8859-15">'), latin1('Verfügbar')]),
    'text/html',
    'Verfügbar',
  ],
  [
    'a meta tag in the old form',
    Buffer.concat([
      latin1('<meta name="a"><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'),
      latin1('Verfügbar'),
    ]),
    'text/html',
    'Verfügbar',
  ],
  [
    'an XML declaration',
    latin1('<?xml version="1.0" encoding="ISO-8859-1"?><s>Verfügbar</s>'),
    'application/xml',
    'Verfügbar',
  ],
  [
    'a byte order mark of UTF-16',
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(TEXT, 'utf16le')]),
    'text/html',
    TEXT,
  ],
  [
    'an XML declaration of UTF-16 that can be read as ASCII, and therefore is not UTF-16',
    Buffer.from(`<?xml version="1.0" encoding="utf-16"?><s>${TEXT}</s>`),
    'application/xml',
    TEXT,
  ],
  ['a meta tag of UTF-16', Buffer.from(`<meta charset="UTF-16LE">${TEXT}`), 'text/html', TEXT],
  ['UTF-16 without a byte order mark', Buffer.from(TEXT, 'utf16le'), 'text/plain; charset=utf-16', TEXT],
  ['UTF-16 in less than 16 bytes', Buffer.from('ok', 'utf16le'), 'text/plain; charset=utf-16', 'ok'],
  [
    'ISO-2022-JP',
    Buffer.from([0x1b, 0x24, 0x42, 0x40, 0x35, 0x3e, 0x6f, 0x1b, 0x28, 0x42]),
    'text/plain; charset=ISO-2022-JP',
    '正常',
  ],
  ['a byte order mark against its Content-Type', Buffer.from(`\uFEFF${TEXT}`), 'text/html; charset=iso-8859-1', TEXT],
])('a text is found in a body with %s', async (_, bytes, contentType, wanted) => {
  expect(await find(wanted, bytes, contentType)).toBe(true);
  expect(await find(wanted, bytes, contentType, 1)).toBe(true);
  expect(await find(`${wanted}!`, bytes, contentType)).toBe(false);
});

it('a text across two chunks of a long body is found', async () => {
  const bytes = Buffer.concat([Buffer.alloc(70_000, 'x'), latin1('Verfügbar'), Buffer.alloc(70_000, 'x')]);
  expect(await find('Verfügbar', bytes, 'text/plain; charset=iso-8859-1', 70_004)).toBe(true);
});
