import { describe, expect, test } from 'vitest';
import { customerView } from '../../src/tickets/customerView.ts';
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
    expect(await customerView({ customers, desk }, 'c-1')).toEqual({
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

  test('asks for that customer, ahead of what nobody waits for', async () => {
    const asked: Parameters<SupportDesk['ticketsOf']>[] = [];
    const desk = deskOf(async (...call) => {
      asked.push(call);
      return tickets;
    });
    await customerView({ customers, desk }, 'c-1');
    expect(asked).toEqual([[eve, { urgent: true }]]);
  });

  test('is there without tickets while the desk fails', async () => {
    const desk = deskOf(() => Promise.reject(new TicketError('unavailable', 'No answer.')));
    expect(await customerView({ customers, desk }, 'c-1')).toEqual({
      customer: { id: 'c-1', name: 'Eve', email: 'eve@customer.example' },
      open: [],
      recent: [],
      degraded: true,
    });
  });

  test('is null for a customer whom nobody knows, and the desk is not asked', async () => {
    const desk = deskOf(() => Promise.reject(new Error('The desk was asked.')));
    expect(await customerView({ customers, desk }, 'c-2')).toBeNull();
  });

  test('does not hide a fault of our own', async () => {
    const desk = deskOf(() => Promise.reject(new Error('A fault.')));
    await expect(customerView({ customers, desk }, 'c-1')).rejects.toThrow('A fault.');
  });
});
