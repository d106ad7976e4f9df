import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TICKET_LIMIT } from '../../../machines/shared/memberLists.ts';
import type { UmbrellaMember } from '../../../machines/shared/protocol.ts';
import { intents } from '../../../machines/umbrella/filing.ts';
import {
  alertQueued,
  groupedMessage,
  messageFinished,
  messageStarted,
} from '../../../machines/umbrella/groupedMessage.ts';
import { initialContext, joined, namesWritten, stormStarted } from '../../../machines/umbrella/members.ts';
import { membersNote, membersNoteStarted } from '../../../machines/umbrella/notes.ts';
import { composeDm } from '../../../src/notify/composeDm.ts';
import { escaped as escapedForSlack, render } from '../../../src/notify/slack/blocks.ts';
import { composeNote } from '../../../src/tickets/composeNote.ts';
import { composeTicket } from '../../../src/tickets/composeTicket.ts';
import { fitHtml } from '../../../src/tickets/freescout/text.ts';
import { escaped } from '../../../src/tickets/html.ts';
import { anyKinds, lostLines, membersOf } from '../support/members.ts';

const ACTOR = `umbrella:${'s'.repeat(63)}`;
const CONSOLE = 'https://console.example';
const AT = { at: '2026-05-05T14:00:00.000Z' };

/** As on a ticket. */
const htmlLine = ({ severity, title, alertKey }: UmbrellaMember): string =>
  `<li>${severity} ${escaped(title)} <code>${escaped(alertKey)}</code></li>`;
/** As in a message. The title is left out, because blanks around a field are. */
const slackKey = ({ alertKey }: UmbrellaMember): string => `(${escapedForSlack(alertKey, Number.POSITIVE_INFINITY)})`;

it('an umbrella ticket and its notes contain every alert that counts as named, in any script', () => {
  fc.assert(
    fc.property(anyKinds, (kinds) => {
      const members = membersOf(kinds, 700);
      let context = initialContext(ACTOR);
      context = { ...context, ...stormStarted(context, members.slice(0, 350), AT) };
      const [intent] = intents(context);
      if (intent?.request.path !== 'umbrella') throw new Error('expected the intent of an umbrella ticket');
      const facts = { consoleUrl: CONSOLE, earlier: null, lastCheck: null };
      const body = fitHtml(composeTicket({ marker: 'AT-0000000000', request: intent.request }, facts).html);
      expect(lostLines(body, intent.request.members.map(htmlLine))).toEqual([]);
      let named = context.naming;

      context = { ...context, ...namesWritten(context) };
      for (const member of members.slice(350)) context = { ...context, ...joined(context, member) };
      while (context.members.length > 0) {
        context = { ...context, ...membersNoteStarted(context) };
        const note = membersNote(context, AT);
        if (note.kind !== 'note' || note.about.what !== 'members') throw new Error('expected a note about members');
        const text = fitHtml(`<!-- ${note.id} -->${composeNote(note.about)}`);
        expect(lostLines(text, note.about.members.map(htmlLine))).toEqual([]);
        named += context.naming;
        context = { ...context, ...namesWritten(context) };
      }
      expect(named).toBe(700);
    }),
    { numRuns: 40 },
  );
});

it('the size of a line on a ticket is that of its HTML in bytes, in any script', () => {
  fc.assert(
    fc.property(anyKinds, (kinds) => {
      for (const member of membersOf(kinds, kinds.length))
        expect(TICKET_LIMIT.sizeOf(member)).toBe(Buffer.byteLength(htmlLine(member)));
    }),
  );
});

it('grouped messages contain every alert that counts as named, in any script', () => {
  fc.assert(
    fc.property(anyKinds, (kinds) => {
      const members = membersOf(kinds, 300);
      let context = initialContext(ACTOR);
      for (const member of members) context = { ...context, ...alertQueued(context, member) };
      let named = 0;
      while (context.unsaid.length > 0) {
        context = { ...context, ...messageStarted(context) };
        const request = groupedMessage(context);
        const { blocks } = render(composeDm(request, CONSOLE));
        const fields = (blocks as { fields?: { text: string }[] }[]).flatMap(({ fields = [] }) => fields);
        const text = fields.map((field) => field.text.replace(/^\*P\d\*\n/, '')).join('\n');
        const listed = request.body.members as UmbrellaMember[];
        expect(listed.map(slackKey).filter((key) => !text.includes(key))).toEqual([]);
        named += context.saying;
        context = { ...context, ...messageFinished(context) };
      }
      expect(named).toBe(members.length);
    }),
    { numRuns: 40 },
  );
});
