import type { z } from 'zod';
import { unreachableBecause } from '../../net/unreachable.ts';
import { TicketError } from '../port.ts';
import { errorFor, json } from './errors.ts';
import { createdSchema } from './schemas.ts';
import { type ApiRequest, type CallTerms, NoReplyError, type Reply, type Send } from './transport.ts';

/** The API as the operations use it: validated answers, and TicketError for everything else. */
export interface FreeScoutApi {
  /** GET; returns the JSON answer, validated against `shape`. */
  read<T extends z.ZodType>(apiRequest: ApiRequest, shape: T, call: CallTerms): Promise<z.output<T>>;
  /** POST; returns the id of the new resource. */
  create(apiRequest: ApiRequest, call: CallTerms): Promise<number>;
  /** PUT; the answer has no content. */
  write(apiRequest: ApiRequest, call: CallTerms): Promise<void>;
}

/** Turns answers into results or TicketError. Only a POST can be in doubt: everything else may be repeated. */
export function createApi(send: Send): FreeScoutApi {
  async function answer(apiRequest: ApiRequest, call: CallTerms): Promise<Reply> {
    const reply = await send(apiRequest, call).catch((error: unknown) => {
      throw error instanceof NoReplyError ? unanswered(error, apiRequest) : error;
    });
    if (reply.status < 200 || reply.status > 299) throw errorFor(reply, apiRequest);
    return reply;
  }

  return {
    async read(apiRequest, shape, call) {
      const reply = await answer(apiRequest, call);
      const parsed = shape.safeParse(json(reply.text));
      if (!parsed.success) throw unreadable(reply, apiRequest);
      return parsed.data;
    },

    async create(apiRequest, call) {
      const reply = await answer(apiRequest, call);
      const body = createdSchema.safeParse(json(reply.text));
      const inBody = body.success ? body.data.id : undefined;
      const inHeader = /^[1-9]\d{0,14}$/.test(reply.resourceId ?? '') ? Number(reply.resourceId) : undefined;
      const id = inHeader ?? inBody;
      // The id may be in either place. If both have one and they differ, the answer is unusable.
      if (id === undefined || (inBody !== undefined && inBody !== id)) throw unreadable(reply, apiRequest);
      return id;
    },

    async write(apiRequest, call) {
      await answer(apiRequest, call);
    },
  };
}

function unanswered(error: NoReplyError, { method }: ApiRequest): TicketError {
  const why = unreachableBecause(error);
  const sentence =
    error.status === undefined
      ? `FreeScout did not answer (${error.code}${why === null ? '' : `: ${why}`}).`
      : `FreeScout started to answer (${error.status}) but did not finish (${error.code}).`;
  return new TicketError('unavailable', sentence, {
    inDoubt: method === 'POST' && error.sent,
    httpStatus: error.status,
    code: error.code,
    cause: error.cause,
  });
}

/** A success status without the expected JSON: a sign-in page, a captive portal, or a list in answer to a POST. */
function unreadable({ status, text }: Reply, { method, path }: ApiRequest): TicketError {
  const what = /^\s*</.test(text) ? 'a web page' : 'content that its API does not send';
  return new TicketError('unavailable', `FreeScout answered ${method} /api/${path} with ${status} and ${what}.`, {
    inDoubt: method === 'POST',
    httpStatus: status,
  });
}
