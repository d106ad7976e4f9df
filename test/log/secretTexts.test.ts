import { expect, it } from 'vitest';
import { maskSecretBytes, maskSecrets, maskSecretsIn, registerSecrets } from '../../src/log/secretTexts.ts';

const SECRET = 'a/secret+with "quotes" of 2026';

it('a secret is masked as it is, in JSON of JavaScript and PHP, and in an address', () => {
  registerSecrets([SECRET]);
  const written = JSON.stringify({ echo: SECRET });
  const texts = [SECRET, written, written.replaceAll('/', '\\/'), `https://x/?k=${encodeURIComponent(SECRET)}`];
  expect(texts.map((text) => maskSecrets(`${text}.`))).toEqual([
    '[hidden].',
    '{"echo":"[hidden]"}.',
    '{"echo":"[hidden]"}.',
    'https://x/?k=[hidden].',
  ]);
  expect(maskSecretsIn({ list: [SECRET, 7, null] })).toEqual({ list: ['[hidden]', 7, null] });
  expect(maskSecretsIn(undefined)).toBeUndefined();
});

it('a secret is masked in bytes, whatever else they are', () => {
  registerSecrets(['a-secret-with-ü-0123456789']);
  const body = Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('{"k":"a-secret-with-ü-0123456789"}ü')]);
  const masked = Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('{"k":"[hidden]"}ü')]);
  expect(maskSecretBytes(body)).toEqual(masked);
  expect(maskSecretBytes(masked)).toBe(masked);
});

it('of two secrets the longer one is masked as a whole', () => {
  registerSecrets(['the-shorter-secret', 'the-shorter-secret-and-more']);
  expect(maskSecrets('the-shorter-secret-and-more the-shorter-secret')).toBe('[hidden] [hidden]');
});

it('short secrets are not masked, because they may be ordinary words', () => {
  registerSecrets(['postgres', '']);
  expect(maskSecrets('postgres is down')).toBe('postgres is down');
});
