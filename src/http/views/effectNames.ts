const EFFECTS: Record<string, string> = {
  fileTicket: 'File a ticket',
  settleDoubt: 'Look for a ticket in doubt',
  checkHelpdesk: 'Check FreeScout',
  keepTicket: 'Update a ticket',
  sendDm: 'Send a direct message',
  readAssignment: 'Read who is assigned to a ticket',
};

const DELIVERIES: Record<string, string> = {
  ticket: 'Ticket',
  tag: 'Ticket tags',
  note: 'Ticket note',
  message: 'Direct message',
  webhook: 'Request of a sender',
};

/** The name of an effect for people, instead of its name in the machines. */
export const effectName = (src: string): string => EFFECTS[src] ?? src;

/** The name of what a dead letter was to deliver. */
export const deliveryName = (kind: string): string => DELIVERIES[kind] ?? kind;
