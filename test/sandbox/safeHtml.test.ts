import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText, safeHtml } from '../../src/sandbox/safeHtml.ts';

const HARMLESS =
  'p br b strong i em u a ul ol li table thead tbody tr th td pre code h1 h2 h3 h4 blockquote hr div span dl dt dd'.split(
    ' ',
  );

describe('foreign HTML', () => {
  it.each([
    ['<p>One<br>two <b>bold</b></p>', '<p>One<br>two <b>bold</b></p>'],
    ['<script>alert(1)</script>text', 'text'],
    ['<scr<script>x</script>ipt>alert(1)</script>', 'alert(1)'],
    ['<img src=x onerror=alert(1)>after', 'after'],
    ['<p onclick="x()" style="color:red">plain</p>', '<p>plain</p>'],
    ['<p title="a>b">c</p>', '<p>c</p>'],
    ['</div></main><b>open', '<b>open</b>'],
    ['<b><i>cross</b>ed</i>', '<b><i>cross</i></b>ed'],
    ['1 < 2 &amp; 3 > 2 & "done"', '1 &lt; 2 &amp; 3 &gt; 2 &amp; &quot;done&quot;'],
    ['<!-- gone --><pre>kept</pre>', '<pre>kept</pre>'],
    ['<details>kept text</details>', 'kept text'],
    ['<p>unfinished <b', '<p>unfinished &lt;b</p>'],
  ])('safeHtml turns %s into %s', (html, expected) => {
    expect(safeHtml(html)).toBe(expected);
  });

  it.each([
    'javascript:alert(1)',
    ' java\nscript:alert(1)',
    '&#106;avascript:alert(1)',
    'data:text/html,x',
    '//evil.example',
    'mailto:a@b',
  ])('safeHtml removes a link to %s', (address) => {
    expect(safeHtml(`<a href="${address}">x</a>`)).toBe('<a>x</a>');
  });

  it('safeHtml keeps a web link with its address as the only attribute', () => {
    const link = safeHtml('<a href="https://example.com/?a=1&amp;b=2" target=_top onclick=x>x</a>');
    expect(link).toBe('<a href="https://example.com/?a=1&amp;b=2" rel="noopener noreferrer nofollow">x</a>');
  });

  it('safeHtml never returns a forbidden element, a forbidden attribute or an unclosed tag', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '</',
      '<p',
      '<a href=',
      '"',
      "'",
      'script',
      ' onload=x',
      '<!--',
      '-->',
      'javascript:',
      '&',
      '<b>',
      '</p>',
    );
    const soup = fc
      .array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 40 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(soup, (html) => {
        const safe = safeHtml(html);
        const open: string[] = [];
        for (const [tag, slash, name] of safe.matchAll(/<(\/?)([a-z0-9]*)[^>]*>?/g)) {
          expect(tag).toMatch(/^<(\/?[a-z0-9]+|a href="https?:[^"<>]*" rel="[a-z ]+")>$/);
          expect(HARMLESS).toContain(name);
          if (slash) expect(open.pop()).toBe(name);
          else if (name !== 'br' && name !== 'hr') open.push(name ?? '');
        }
        expect(open).toEqual([]);
      }),
      { numRuns: 500, examples: [['<hR-->']] },
    );
  });

  it('the text of foreign HTML is available without markup', () => {
    expect(plainText('<p>step <b>x</b>\n failed &amp; <style>p{}</style>gone</p>')).toBe('step x failed & gone');
  });

  it('safeHtml cuts off very long HTML', () => {
    expect(safeHtml(`<p>${'x'.repeat(500)}`, 100)).toHaveLength(100 + '</p>'.length);
  });
});
