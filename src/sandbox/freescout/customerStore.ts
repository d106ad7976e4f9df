import { fold, stamp } from './data.ts';
import { type Input, idOf, isRecord, listOf, textOf } from './jsonInput.ts';
import type { Customer, FreeScoutData, WebhookEvent } from './model.ts';
import { badField } from './refusal.ts';

interface Deps {
  data: FreeScoutData;
  now: () => Date;
  emit: (event: WebhookEvent, subject: Customer) => void;
}

/** Customers: found by id, e-mail address or phone number, or created. */
export function createCustomers({ data, now, emit }: Deps) {
  const byId = (id: number | null) => data.customers.find((customer) => customer.id === id);
  const byEmail = (email: string) =>
    data.customers.find((customer) => customer.emails.some((own) => fold(own) === fold(email)));

  function byPhone(phone: string): Customer | undefined {
    const wanted = digits(phone);
    return wanted === ''
      ? undefined
      : data.customers.find(({ phones }) => phones.some((own) => digits(own) === wanted));
  }

  function add(facts: {
    firstName: string | null;
    lastName: string | null;
    emails: string[];
    phones: string[];
  }): Customer {
    data.lastId.customer += 1;
    const at = stamp(now());
    const customer: Customer = {
      id: data.lastId.customer,
      firstName: facts.firstName?.slice(0, 40) ?? null,
      lastName: facts.lastName?.slice(0, 40) ?? null,
      emails: facts.emails,
      phones: facts.phones,
      createdAt: at,
      updatedAt: at,
    };
    data.customers.push(customer);
    emit('customer.created', customer);
    return customer;
  }

  /** The customer of a conversation or thread. Further fields are ignored when the customer exists already. */
  function findOrAdd(value: unknown): Customer {
    const wanted = isRecord(value) ? value : {};
    if (wanted.id !== undefined && wanted.id !== null) {
      const known = byId(idOf(wanted.id));
      if (!known) throw badField('customer', 'Customer not found');
      return known;
    }
    const email = textOf(wanted.email);
    const firstName = textOf(wanted.firstName);
    const phone = textOf(wanted.phone);
    if (email !== null && !isAddress(email)) throw badField('emails', `Invalid email: ${email}`);
    const known = (email !== null && byEmail(email)) || (phone !== null && byPhone(phone));
    if (known) return known;
    if (email === null && firstName === null) {
      throw badField('customer.first_name', 'Customer first name or email is required.');
    }
    const emails = email === null ? [] : [email];
    return add({ firstName, lastName: textOf(wanted.lastName), emails, phones: phone === null ? [] : [phone] });
  }

  /** `POST /customers`. */
  function register(input: Input): Customer {
    const emails = valuesOf(input.emails, input.email);
    const wrong = emails.find((email) => !isAddress(email));
    if (wrong !== undefined) throw badField('emails', `Invalid email: ${wrong}`);
    if (emails.some(byEmail)) throw badField('emails', 'Customers with such email(s) already exist');
    const firstName = textOf(input.firstName);
    if (emails.length === 0 && firstName === null) {
      throw badField('firstName', 'Customer first name or email is required.');
    }
    return add({ firstName, lastName: textOf(input.lastName), emails, phones: valuesOf(input.phones, input.phone) });
  }

  return { byId, findOrAdd, register };
}
export type Customers = ReturnType<typeof createCustomers>;

export function digits(text: string): string {
  return text.replace(/\D/g, '');
}

/** The real check only requires a character on both sides of the at sign. */
function isAddress(email: string): boolean {
  return /^[^@\s]+@[^@\s]+$/.test(email);
}

/** Accepts `[{value}]` or `["…"]`, and a single value besides. */
function valuesOf(many: unknown, single: unknown): string[] {
  const values = (listOf(many) ?? []).map((entry) => textOf(isRecord(entry) ? entry.value : entry));
  return [...values, textOf(single)].filter((value) => value !== null);
}
