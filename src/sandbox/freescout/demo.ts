import type { SandboxFreeScout } from './sandboxFreeScout.ts';

/** Customers who write to the support mailbox of the demo, with the columns of a customers file. */
export const DEMO_CUSTOMERS = [
  { id: 'ada', email: 'ada@customer.example', name: 'Ada Arkwright' },
  { id: 'bo', email: 'bo@customer.example', name: 'Bo Lindqvist' },
  { id: 'cleo', email: 'cleo@customer.example', name: 'Cleo Ferrara' },
];

const TICKETS = [
  { from: 'ada@customer.example', subject: 'Invoice shows the wrong address', status: 'active', daysAgo: 1 },
  { from: 'ada@customer.example', subject: 'Payment page was slow yesterday', status: 'pending', daysAgo: 3 },
  { from: 'ada@customer.example', subject: 'How do I add a colleague?', status: 'closed', daysAgo: 9 },
  { from: 'ada@customer.example', subject: 'Old question about exports', status: 'closed', daysAgo: 80 },
  { from: 'bo@customer.example', subject: 'Cannot sign in <since this morning>', status: 'active', daysAgo: 0 },
];
const DAY_MS = 86_400_000;

/** Files the support tickets of the demo, unless there are tickets already. */
export function fileDemoTickets(sandbox: SandboxFreeScout, now = new Date()): void {
  if (sandbox.state.tickets.some(({ mailboxId }) => mailboxId === sandbox.supportMailboxId)) return;
  for (const { from, subject, status, daysAgo } of TICKETS) {
    const [firstName, lastName] = (DEMO_CUSTOMERS.find(({ email }) => email === from)?.name ?? '').split(' ');
    const at = new Date(now.getTime() - daysAgo * DAY_MS).toISOString();
    sandbox.control.file({
      type: 'email',
      mailboxId: sandbox.supportMailboxId,
      subject,
      status,
      imported: true,
      createdAt: at,
      ...(status === 'closed' && { closedAt: at }),
      customer: { email: from, firstName, lastName },
      threads: [{ type: 'customer', text: `<p>${subject.replaceAll('<', '&lt;')}</p>`, createdAt: at }],
    });
  }
}
