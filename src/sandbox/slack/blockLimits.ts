import { SlackFailure } from './workspace.ts';

/** Slack's limits for the blocks of a message, in characters of the escaped text. */
const LIMIT = { blocks: 50, section: 3_000, field: 2_000, fields: 10, header: 150 };

/** Refuses blocks as Slack does: all of them, without saying which. */
export function checkBlocks(blocks: unknown[]): void {
  if (blocks.length > LIMIT.blocks || !blocks.every(fits)) throw new SlackFailure('invalid_blocks');
}

function fits(block: unknown): boolean {
  if (typeof block !== 'object' || block === null) return false;
  const { type, text, fields } = block as Record<string, unknown>;
  if (type === 'header') return isText(text, LIMIT.header);
  if (type !== 'section') return true;
  const list: unknown[] = Array.isArray(fields) ? fields : [];
  if (text === undefined && list.length === 0) return false;
  const textFits = text === undefined || isText(text, LIMIT.section);
  return textFits && list.length <= LIMIT.fields && list.every((field) => isText(field, LIMIT.field));
}

function isText(value: unknown, longest: number): boolean {
  const text = typeof value === 'object' && value !== null && 'text' in value ? value.text : undefined;
  return typeof text === 'string' && text.length > 0 && text.length <= longest;
}
