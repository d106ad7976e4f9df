import { describe, expect, it } from 'vitest';
import { spellInvisible } from '../../src/http/spellInvisible.ts';

describe('characters that reorder or hide text', () => {
  it.each([
    ['an override', '\u202efdp', '[U+202E]fdp'],
    ['an isolate', '\u2066x\u2069', '[U+2066]x[U+2069]'],
    ['a zero-width space', 'pass\u200bword', 'pass[U+200B]word'],
    ['a byte order mark', '\ufeffx', '[U+FEFF]x'],
    ['a soft hyphen', 'a\u00adb', 'a[U+00AD]b'],
    ['a tag character beyond the 16-bit range', 'a\u{e0041}b', 'a[U+E0041]b'],
  ])('%s is spelled out in text', (_name, text, shown) => {
    expect(spellInvisible(`<p class="x">${text}</p>`)).toBe(`<p class="x">${shown}</p>`);
    expect(spellInvisible(text)).toBe(shown);
  });

  it('attributes that are read as text have them spelled out, also where a value contains >', () => {
    expect(spellInvisible('<a title="a>\u202eb" aria-label="\u200b" href="/x">y\u200b</a>')).toBe(
      '<a title="a>[U+202E]b" aria-label="[U+200B]" href="/x">y[U+200B]</a>',
    );
    expect(spellInvisible('<input placeholder="\u202e"/>')).toBe('<input placeholder="[U+202E]"/>');
  });

  it('a title of a page has them spelled out', () => {
    expect(spellInvisible('<title>\u202ex</title>')).toBe('<title>[U+202E]x</title>');
  });
});

describe('what stays as it is', () => {
  it.each([
    ['joined emoji', '👩\u200d🚒 ❤\ufe0f'],
    ['Persian with a non-joiner', 'می\u200cخواهم'],
    ['right-to-left letters', 'שלום مرحبا'],
  ])('%s', (_name, text) => {
    // The override makes sure that the text is not skipped as a whole.
    expect(spellInvisible(`<p>${text}\u202e</p>`)).toBe(`<p>${text}[U+202E]</p>`);
  });

  it.each([
    ['what a textarea contains', '<textarea name="payload" rows="2">{"a":"\u202e\u200b"}</textarea>'],
    ['the value of a field', '<input type="text" value="\u202e title="/>'],
    ['the value of an option', '<option value="\u200b"></option>'],
    ['an address', '<a href="https://x.example/\u202e">x</a>'],
  ])('%s', (_name, html) => {
    expect(spellInvisible(html)).toBe(html);
  });

  it('text after a textarea is spelled out again', () => {
    expect(spellInvisible('<textarea>\u200b</textarea>\u200b')).toBe('<textarea>\u200b</textarea>[U+200B]');
  });

  it('HTML that was spelled out does not change again', () => {
    const once = spellInvisible('<p title="\u200b">\u202e</p>');
    expect(spellInvisible(once)).toBe(once);
  });
});
