import { z } from 'zod';

/**
 * The parts of FreeScout's answers that we read. Modules add keys and statuses, so unknown ones are ignored. The fields
 * that we rely on are required: a row that is silently dropped could lead to a duplicate ticket.
 */

/** Some PHP database drivers return numbers as text. */
const id = z.union([
  z.int().positive(),
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number),
]);

const instant = z
  .string()
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()));

// PHP writes an empty object as `[]`; anything but an object counts as absent.
const person = z
  .object({ id, firstName: z.string().nullish(), lastName: z.string().nullish(), email: z.string().nullish() })
  .nullish()
  .catch(null);

export const conversationSchema = z.object({
  id,
  status: z.string(),
  state: z.string(),
  subject: z.string().nullish(),
  mailboxId: id,
  assignee: person,
  customer: person,
  createdAt: instant,
  updatedAt: instant.nullish(),
  closedAt: instant.nullish(),
  _embedded: z
    .object({
      tags: z.array(z.object({ name: z.string() })).nullish(),
      threads: z
        .array(
          z.object({
            type: z.string().nullish(),
            state: z.string().nullish(),
            body: z.string().nullish(),
            createdAt: instant.nullish().catch(null),
          }),
        )
        .nullish(),
    })
    .nullish()
    .catch(null),
});
export type Conversation = z.output<typeof conversationSchema>;

export const mailboxSchema = z.object({ id });
export const userSchema = z.object({ id });
export const tagSchema = z.object({ id });
export const customerSchema = z.object({
  id,
  _embedded: z
    .object({ emails: z.array(z.object({ value: z.string() })).nullish() })
    .nullish()
    .catch(null),
});

/** A page of a list: its rows, and the number of pages. */
export function listSchema<T extends z.ZodType>(name: string, row: T) {
  return z
    .object({
      _embedded: z.object({ [name]: z.array(row) }),
      page: z.object({ totalPages: z.number().nullish() }).nullish().catch(null),
    })
    .transform(({ _embedded, page }) => ({ rows: _embedded[name] ?? [], totalPages: page?.totalPages ?? null }));
}

/** Body of the answer to a POST; the id is also in the header Resource-ID. */
export const createdSchema = z.object({ id });

/** Body of an error; here, too, PHP writes an empty object as `[]`. */
export const errorBodySchema = z.object({
  message: z.string().nullish().catch(null),
  _embedded: z
    .object({
      errors: z
        .array(z.object({ path: z.string().nullish(), message: z.string().nullish() }))
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch({}),
});
