import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escaped, render } from '../../../src/notify/slack/blocks.ts';

const text = fc.string({ unit: 'binary', maxLength: 5_000 });
const message = fc.record({
  headline: text,
  facts: fc.array(fc.record({ label: text, value: text }), { maxLength: 60 }),
  links: fc.array(fc.record({ label: text, url: fc.oneof(text, fc.webUrl({ withQueryParameters: true })) }), {
    maxLength: 20,
  }),
});

interface ShownBlock {
  text?: { text: string };
  fields?: { text: string }[];
}

const textsOf = (blocks: unknown[]): string[] =>
  (blocks as ShownBlock[]).flatMap(({ text, fields = [] }) => [text, ...fields].map((each) => each?.text ?? ''));

/** Slack text without its entities and well-formed links. */
const bare = (slackText: string): string =>
  slackText.replace(/<https?:\/\/[^<>|]+\|[^<>]*>/g, '').replace(/&(amp|lt|gt);/g, '');

describe('a rendered message', () => {
  it("stays within Slack's limits for any input", () => {
    fc.assert(
      fc.property(message, (facts) => {
        const { text, blocks } = render(facts);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_000);
        expect(blocks.length).toBeLessThanOrEqual(50);
        expect(textsOf(blocks).join('').length).toBeLessThanOrEqual(13_200);
        for (const block of blocks as ShownBlock[]) {
          expect(block.fields?.length ?? 0).toBeLessThanOrEqual(10);
          const length = block.text?.text.length ?? 1;
          expect(length).toBeGreaterThan(0);
          expect(length).toBeLessThanOrEqual(3_000);
          for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2_000);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('keeps room for a long headline and long links, and says how many fields do not fit', () => {
    const { blocks } = render({
      headline: 'x'.repeat(1_000),
      facts: Array.from({ length: 40 }, () => ({ label: 'x'.repeat(99), value: 'x'.repeat(160) })),
      links: Array.from({ length: 10 }, () => ({ label: 'x'.repeat(149), url: `http://h.example/${'x'.repeat(110)}` })),
    });
    const shown = textsOf(blocks).join('');
    expect(shown).toContain('http://h.example/');
    expect(shown).toContain('*And more*\nFurther parts of this message that do not fit: ');
    expect(shown.length).toBeLessThanOrEqual(12_500);
  });

  it('has a text that Slack takes as an edit, in any script', () => {
    const facts = Array.from({ length: 40 }, () => ({ label: 'Сервис', value: 'недоступен '.repeat(20) }));
    const { text } = render({ headline: '障'.repeat(1_000), facts, links: [] });
    expect(text).toContain('障');
    expect(text).toContain('the message has more');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_000);
  });

  it('contains no control sequences except its own links', () => {
    fc.assert(
      fc.property(message, (facts) => {
        const { text, blocks } = render(facts);
        for (const one of [text, ...textsOf(blocks)]) expect(bare(one)).not.toMatch(/[<>&]/);
      }),
      { numRuns: 50 },
    );
  });

  it('shows short text unchanged', () => {
    expect(escaped('a < b && c', 100)).toBe('a &lt; b &amp;&amp; c');
    expect(escaped('&&&', 12)).toBe('&amp;&amp;…');
    expect(escaped('😀😀', 4)).toBe('😀…');
  });

  it('drops links with a password and characters that reorder text', () => {
    const { text } = render({
      headline: 'x\u202egnp.exe',
      facts: [],
      links: [{ label: 'in', url: 'https://u:p@h.example/' }],
    });
    expect(text).toBe('x gnp.exe\nin');
  });

  it('splits a value that is too long for one field, and says what does not fit', () => {
    const shown = (lines: string[]) =>
      (
        render({ headline: 'x', facts: [{ label: 'P1', value: lines.join('\n') }], links: [] }).blocks as {
          fields?: { text: string }[];
        }[]
      )
        .flatMap(({ fields = [] }) => fields.map(({ text }) => text))
        .join('\n');
    const lines = Array.from({ length: 60 }, (_, n) => `${n}: ${'&'.repeat(25)}`);
    for (const n of lines.keys()) expect(shown(lines)).toContain(`${n}: &amp;`);
    expect(shown(Array.from({ length: 60 }, () => '<'.repeat(500)))).toContain('*And more*');
  });

  it('is a valid message without any text', () => {
    expect(render({ headline: ' ', facts: [{ label: '', value: '' }], links: [] }).text).toBe('(no title)\n–: –');
  });
});
