import { SlackFailure } from './workspace.ts';

/**
 * Slack's limits for the blocks of a message, in characters of the escaped text. It does not document the one for all texts
 * together: users of its libraries measured it.
 */
const LIMIT = { blocks: 50, section: 3_000, field: 2_000, fields: 10, header: 150, allTexts: 13_200 };

/** Refuses blocks as Slack does: all of them, without saying which. */
export function checkBlocks(blocks: unknown[]): void {
  if (blocks.length > LIMIT.blocks || !blocks.every(fits)) throw new SlackFailure('invalid_blocks');
  const characters = blocks.flatMap(textsOf).reduce((sum, { length }) => sum + length, 0);
  if (characters > LIMIT.allTexts) throw new SlackFailure('msg_blocks_too_long');
}

function fits(block: unknown): boolean {
  if (typeof block !== 'object' || block === null) return false;
  const { type, text } = block as Record<string, unknown>;
  if (type === 'header') return isText(text, LIMIT.header);
  if (type !== 'section') return true;
  const fields = fieldsOf(block);
  if (text === undefined && fields.length === 0) return false;
  const textFits = text === undefined || isText(text, LIMIT.section);
  return textFits && fields.length <= LIMIT.fields && fields.every((field) => isText(field, LIMIT.field));
}

function isText(value: unknown, longest: number): boolean {
  const text = textOf(value);
  return text !== undefined && text.length > 0 && text.length <= longest;
}

const textsOf = (block: unknown): string[] =>
  [(block as { text?: unknown }).text, ...fieldsOf(block)].map((value) => textOf(value) ?? '');

function fieldsOf(block: unknown): unknown[] {
  const { fields } = block as { fields?: unknown };
  return Array.isArray(fields) ? fields : [];
}

/** The text of a text object. */
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'object' && value !== null && 'text' in value ? value.text : undefined;
  return typeof text === 'string' ? text : undefined;
}
