/** SQLSTATE classes and codes that say: the database is there for nobody, or had no time for us. */
const SQLSTATE = /^(08...|53...|57P0[1-5]|57014|55P03|25P03)$/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);
/** pg gives these no code. */
const SENTENCES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Query read timeout',
  'Cannot use a pool after calling end',
];

/** Whether `error`, or what caused it, is the loss of our database. */
export function isDatabaseGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (SQLSTATE.test(code) || NETWORK.has(code)) return true;
  if (SENTENCES.some((sentence) => error.message.startsWith(sentence))) return true;
  return error.cause !== undefined && isDatabaseGone(error.cause);
}
