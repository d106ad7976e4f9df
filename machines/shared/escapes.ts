/** How foreign text is escaped: adapters write these entities, and machines measure them. Pure. */

/** From one character to its entity. */
export type Escapes = Readonly<Record<string, string>>;

/** Slack leaves quotation marks as they are. */
export const SLACK_ESCAPES: Escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

export const HTML_ESCAPES: Escapes = { ...SLACK_ESCAPES, '"': '&quot;', "'": '&#39;' };
