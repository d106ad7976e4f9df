import { describe, expect, test } from 'vitest';
import { createViewCustomer } from '../../src/tickets/customerView.ts';
import { type CustomerTickets, type SupportDesk, TicketError } from '../../src/tickets/port.ts';

const eve = { id: 'c-1', email: 'eve@customer.example', name: 'Eve', freescoutCustomerId: 55 };
const customers = { find: async (id: string) => (id === eve.id ? eve : null) };
const tickets: CustomerTickets = {
  open: [
    {
      id: 1,
      url: 'https://tickets.example.com/conversation/1',
      subject: '<b>Help</b>',
      status: 'active',
      createdAt: new Date('2026-11-20T10:00:00Z'),
      updatedAt: new Date('2026-11-21T10:00:00Z'),
    },
  ],
  recent: [],
};
const deskOf = (ticketsOf: SupportDesk['ticketsOf']): SupportDesk => ({ ticketsOf });

describe('the view of a customer', () => {
  test('shows the tickets as they are, with dates as text', async () => {
    const desk = deskOf(async () => tickets);
    expect(await createViewCustomer({ customers, desk })('c-1')).toEqual({
      customer: { id: 'c-1', name: 'Eve', email: 'eve@customer.example' },
      open: [
        {
          id: 1,
          url: 'https://tickets.example.com/conversation/1',
          subject: '<b>Help</b>',
          status: 'active',
          created_at: '2026-11-20T10:00:00.000Z',
          updated_at: '2026-11-21T10:00:00.000Z',
        },
      ],
      recent: [],
      degraded: false,
    });
  });

  test('asks for that customer as a page, which has few of the calls to FreeScout', async () => {
    const asked: Parameters<SupportDesk['ticketsOf']>[] = [];
    const desk = deskOf(async (...call) => {
      asked.push(call);
      return tickets;
    });
    await createViewCustomer({ customers, desk })('c-1');
    expect(asked).toEqual([[eve, { page: true, timeoutMs: expect.any(Number) }]]);
  });

  test('is there without tickets while the desk fails', async () => {
    const desk = deskOf(() => Promise.reject(new TicketError('unavailable', 'No answer.')));
    expect(await createViewCustomer({ customers, desk })('c-1')).toEqual({
      customer: { id: 'c-1', name: 'Eve', email: 'eve@customer.example' },
      open: [],
      recent: [],
      degraded: true,
    });
  });

  test('is null for a customer whom nobody knows, and the desk is not asked', async () => {
    const desk = deskOf(() => Promise.reject(new Error('The desk was asked.')));
    expect(await createViewCustomer({ customers, desk })('c-2')).toBeNull();
  });

  test('does not hide a fault of our own', async () => {
    const desk = deskOf(() => Promise.reject(new Error('A fault.')));
    await expect(createViewCustomer({ customers, desk })('c-1')).rejects.toThrow('A fault.');
  });
});

describe('many readers of customers', () => {
  const many = { find: async (id: string) => ({ ...eve, id }) };

  test('readers of the same customer share an answer', async () => {
    let calls = 0;
    const desk = deskOf(async () => {
      calls += 1;
      return tickets;
    });
    const viewCustomer = createViewCustomer({ customers: many, desk });
    await Promise.all(Array.from({ length: 20 }, () => viewCustomer('c-1')));
    expect((await viewCustomer('c-1'))?.open).toHaveLength(1);
    expect(calls).toBe(1);
  });

  test('a failure is not shared with later readers', async () => {
    let isFailing = true;
    const desk = deskOf(async () => {
      if (isFailing) throw new TicketError('unavailable', 'No answer.');
      return tickets;
    });
    const viewCustomer = createViewCustomer({ customers: many, desk });
    expect((await viewCustomer('c-1'))?.degraded).toBe(true);
    isFailing = false;
    expect((await viewCustomer('c-1'))?.degraded).toBe(false);
  });

  test('two customers are read at a time, ten wait, and further readers are answered at once without tickets', async () => {
    const pending: (() => void)[] = [];
    const desk = deskOf(() => new Promise((resolve) => pending.push(() => resolve(tickets))));
    const viewCustomer = createViewCustomer({ customers: many, desk });
    const views = Array.from({ length: 30 }, (_, n) => viewCustomer(`c-${n}`));
    const late = await Promise.all(views.slice(12));
    expect(late.every((view) => view?.degraded)).toBe(true);
    expect(pending).toHaveLength(2);
    const settled = Promise.all(views.slice(0, 12));
    while (pending.length > 0) {
      pending.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await settled).every((view) => view?.degraded === false)).toBe(true);
  });
});
