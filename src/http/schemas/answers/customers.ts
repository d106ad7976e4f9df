import { z } from 'zod';
import type { CustomerList, CustomerView } from '../../../model/tickets.ts';
import { name } from '../openapiRegistry.ts';
import { at } from './shapes.ts';

const customerTicket = z.object({
  id: z.int(),
  url: z.string(),
  subject: z.string(),
  status: z.string(),
  created_at: at,
  updated_at: at,
});

const person = z.object({ id: z.string(), name: z.string(), email: z.string() });

export const customers = name(
  'Customers',
  z.object({ customers: z.array(person), next_cursor: z.string().nullable() }),
) satisfies z.ZodType<CustomerList>;

export const customer = name(
  'CustomerTickets',
  z.object({
    customer: person,
    open: z.array(customerTicket),
    recent: z.array(customerTicket),
    degraded: z.boolean(),
  }),
) satisfies z.ZodType<CustomerView>;
