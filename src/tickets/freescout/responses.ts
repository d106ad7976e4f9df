import type { z } from 'zod';
import { TicketError } from '../port.ts';
import { errorFor, json } from './errors.ts';
import { createdSchema } from './schemas.ts';
import { type ApiRequest, type CallTerms, NoReplyError, type Reply, type Send } from './transport.ts';

/** The API as the verbs use it: answers with a meaning, and TicketError for everything else. */
export interface FreeScoutApi {
  /** A JSON answer of the expected shape. */
  read<T extends z.ZodType>(exchange: ApiRequest, shape: T, call: CallTerms): Promise<z.output<T>>;
  /** POST of something new; its id. */
  create(exchange: ApiRequest, call: CallTerms): Promise<number>;
  /** PUT; nothing comes back. */
  write(exchange: ApiRequest, call: CallTerms): Promise<void>;
}

/** Gives each answer its meaning. Only a POST can be in doubt: everything else may simply be asked again. */
export function createApi(send: Send): FreeScoutApi {
  async function answer(exchange: ApiRequest, call: CallTerms): Promise<Reply> {
    const reply = await send(exchange, call).catch((error: unknown) => {
      throw error instanceof NoReplyError ? unanswered(error, exchange) : error;
    });
    if (reply.status < 200 || reply.status > 299) throw errorFor(reply, exchange);
    return reply;
  }

  return {
    async read(exchange, shape, call) {
      const reply = await answer(exchange, call);
      const parsed = shape.safeParse(json(reply.text));
      if (!parsed.success) throw unreadable(reply, exchange);
      return parsed.data;
    },

    async create(exchange, call) {
      const reply = await answer(exchange, call);
      const body = createdSchema.safeParse(json(reply.text));
      const inBody = body.success ? body.data.id : undefined;
      const inHeader = /^[1-9]\d{0,14}$/.test(reply.resourceId ?? '') ? Number(reply.resourceId) : undefined;
      const id = inHeader ?? inBody;
      // An id is taken from either place, but never where they disagree: then one of them is not about our request.
      if (id === undefined || (inBody !== undefined && inBody !== id)) throw unreadable(reply, exchange);
      return id;
    },

    async write(exchange, call) {
      await answer(exchange, call);
    },
  };
}

function unanswered(error: NoReplyError, { method }: ApiRequest): TicketError {
  const sentence =
    error.status === undefined
      ? `FreeScout did not answer (${error.code}).`
      : `FreeScout began to answer (${error.status}) and did not finish (${error.code}).`;
  return new TicketError('unavailable', sentence, {
    inDoubt: method === 'POST' && error.sent,
    httpStatus: error.status,
    code: error.code,
    cause: error.cause,
  });
}

/** A good status with something else than the API's JSON: a sign-in page, a captive proxy, a list where one was made. */
function unreadable({ status, text }: Reply, { method, path }: ApiRequest): TicketError {
  const what = /^\s*</.test(text) ? 'a web page' : 'something that is not what its API answers';
  return new TicketError('unavailable', `FreeScout answered ${method} /api/${path} with ${status} and ${what}.`, {
    inDoubt: method === 'POST',
    httpStatus: status,
  });
}
