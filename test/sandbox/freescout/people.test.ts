import { describe, expect, it } from 'vitest';
import { errorOf, startFreeScoutFixture } from './freescoutFixture.ts';

describe('customers', () => {
  it('an e-mail address can be registered only once', async () => {
    const { api } = await startFreeScoutFixture();
    const ada = { firstName: 'Ada', emails: [{ value: 'ada@customer.example', type: 'work' }] };
    expect((await api.post('/api/customers', ada)).headers['resource-id']).toBe('1');
    const again = await api.post('/api/customers', ada);
    expect(again.status).toBe(400);
    expect(errorOf(again)).toMatchObject({ path: 'emails', message: 'Customers with such email(s) already exist' });
  });

  it('customers are found by exact e-mail address and by id', async () => {
    const { api, file } = await startFreeScoutFixture();
    await file({ customer: { email: 'Ada@customer.example', firstName: 'Ada' } });
    const find = async (email: string) =>
      (await api.get('/api/customers', { params: { email } })).data._embedded.customers.length;
    expect([await find('ada@CUSTOMER.example'), await find('ada@customer')]).toEqual([1, 0]);
    expect((await api.get('/api/customers/1')).data._embedded.emails[0].value).toBe('Ada@customer.example');
    expect((await api.get('/api/customers/2')).status).toBe(404);
  });

  it('a customer is found by phone number in any format', async () => {
    const { file, sandbox } = await startFreeScoutFixture();
    await file({ customer: { firstName: 'Ada', phone: '+49 30 1234' } });
    await file({ customer: { firstName: 'Someone', phone: '0049-30-1234'.replace('00', '+') } });
    expect(sandbox.state.customers).toHaveLength(1);
  });
});

describe('users', () => {
  it('users are listed with their e-mail addresses and can be filtered by address', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const all = await api.get('/api/users');
    expect(all.data._embedded.users[0]).toMatchObject({ id: sandbox.userId, role: 'admin' });
    const email = all.data._embedded.users[1].email;
    const found = await api.get('/api/users', { params: { email: email.toUpperCase() } });
    expect(found.data._embedded.users.map(({ id }: { id: number }) => id)).toEqual([2]);
  });
});

describe('mailboxes', () => {
  it('the instance has an operations mailbox and a support mailbox', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const { data } = await api.get('/api/mailboxes', { params: { pageSize: 1 } });
    expect(data.page).toEqual({ size: 1, totalElements: 2, totalPages: 2, number: 1 });
    expect(data._embedded.mailboxes[0]).toMatchObject({ id: sandbox.supportMailboxId, name: 'Support' });
    expect(sandbox.operationsMailboxId).not.toBe(sandbox.supportMailboxId);
  });
});
