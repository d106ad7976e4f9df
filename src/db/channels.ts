import type { ClientBase } from 'pg';
import { prepared, queryPrepared } from './prepared.ts';

/** The channels of NOTIFY. Any program in the database may notify on them, so that a payload is checked before use. */
const CONSOLE = 'auto_ticketing_console';
const ANSWERS = 'auto_ticketing_answers';

/**
 * The channels of release 0.1.0. While it may run beside this release, both are listened to and notified on both: its
 * pages update, and ours do when it changes something. A later release can drop them.
 */
const OLD_CONSOLE = 'console';
const OLD_ANSWERS = 'answers';
/** A request of an alert sender was stored; the payload is its source. */
export const WEBHOOKS = 'auto_ticketing_webhooks';
export const CHANNELS = [CONSOLE, ANSWERS, WEBHOOKS, OLD_CONSOLE, OLD_ANSWERS];
/** Each channel with the name it had before. */
export const CONSOLE_CHANNELS = [CONSOLE, OLD_CONSOLE];
export const ANSWER_CHANNELS = [ANSWERS, OLD_ANSWERS];

export const notifyConsole = (client: Pick<ClientBase, 'query'>, payload: object): Promise<unknown> =>
  queryPrepared(client, NOTIFY, [
    CONSOLE,
    JSON.stringify(payload),
    OLD_CONSOLE,
    JSON.stringify({ ...payload, copy: true }),
  ]);

export const notifyAnswers = (client: Pick<ClientBase, 'query'>, payload: string): Promise<unknown> =>
  queryPrepared(client, NOTIFY, [ANSWERS, payload, OLD_ANSWERS, payload]);

const NOTIFY = prepared('select pg_notify($1, $2), pg_notify($3, $4)');
