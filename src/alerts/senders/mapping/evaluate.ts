import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { NotUnderstood, TookTooLong } from '../sender.ts';
import { THREAD } from './thread.ts';

/**
 * Evaluates mappings in a thread of their own. A regular expression on a foreign text may take forever, and only the end
 * of its thread ends it.
 */

const LIMIT_MS = 1_000;
const MAX_OUTPUT_CHARACTERS = 8 * 1_048_576;
const MAX_HEAP_MIB = 256;
/** A mapping that recurses, or builds too much, is ended before its time is up. */
const JSONATA_LIMITS = { stack: 200, sequence: 100_000 };
const MAX_COMPILED = 100;

interface Asked {
  mapping: string;
  body: unknown;
  bindings: Record<string, unknown>;
}

type Answer = { json: string | undefined } | { failure: string };

let thread: Promise<Worker> | null = null;
/** The thread works on one mapping at a time, so that the limit is that of one request. */
let last: Promise<unknown> = Promise.resolve();

/**
 * The size of the body is limited where it is stored and decompressed. Throws NotUnderstood with the reason; TookTooLong if
 * the time is up.
 */
export function evaluateMapping(asked: Asked, limitMs = LIMIT_MS): Promise<unknown> {
  const answer = last.then(() => answerOf(asked, limitMs));
  last = answer.catch(() => undefined);
  return answer;
}

async function answerOf(asked: Asked, limitMs: number): Promise<unknown> {
  thread ??= startThread();
  let worker: Worker | undefined;
  try {
    worker = await thread;
    worker.ref();
    const answer = await within(worker, asked, limitMs);
    if ('failure' in answer) throw new NotUnderstood(`The mapping failed: ${answer.failure}`);
    return answer.json === undefined ? undefined : JSON.parse(answer.json);
  } catch (error) {
    const isOverdue = error instanceof TookTooLong;
    if (error instanceof NotUnderstood && !isOverdue) throw error;
    // The thread was ended, or has failed: the next request gets a new one.
    thread = null;
    await worker?.terminate();
    if (isOverdue) throw error;
    throw new NotUnderstood(`The mapping failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    worker?.unref();
  }
}

/** Rejects if the time is up, and if the thread ends, as it does when its memory is used up. */
async function within(worker: Worker, asked: Asked, limitMs: number): Promise<Answer> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limitMs);
  try {
    // Before the message is sent: a thread that fails emits an error, which `once` turns into a rejection.
    const answer = once(worker, 'message', { signal: stop.signal });
    worker.postMessage(asked);
    return (await answer)[0] as Answer;
  } catch (error) {
    if (stop.signal.aborted) throw new TookTooLong(`The mapping failed: It took longer than ${limitMs / 1000} s.`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function startThread(): Promise<Worker> {
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: {
      jsonata: createRequire(import.meta.url).resolve('jsonata'),
      limits: JSONATA_LIMITS,
      maxCompiled: MAX_COMPILED,
      maxOutput: MAX_OUTPUT_CHARACTERS,
    },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  await once(worker, 'message');
  // An error between two requests ends the thread; the next request then gets a new one.
  worker.on('error', () => {
    thread = null;
  });
  return worker;
}
