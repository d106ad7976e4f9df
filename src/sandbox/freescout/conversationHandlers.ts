import type { Embed } from './entities.ts';
import { type Call, type Handler, NO_CONTENT, page } from './handler.ts';
import type { FreeScoutInstance } from './instance.ts';
import { type Input, idOf, listOf, textOf } from './jsonInput.ts';
import { filterConversations, sortConversations } from './list.ts';
import { missing, moduleOff, notFound } from './refusal.ts';

/** The routes under `/conversations`, without HTTP. Refusals are thrown; any other error becomes a 500. */
export function createConversationHandlers(instance: FreeScoutInstance) {
  const { data, conditions, entities, conversations, tags } = instance;

  function conversationOf({ params }: Call) {
    const conversation = conversations.find(idOf(params.id));
    if (!conversation) throw notFound();
    return conversation;
  }

  function embedOf(input: Input, threadsByDefault: boolean): Embed {
    const asked = textOf(input.embed);
    const names = (asked ?? '').split(',').map((name) => name.trim());
    return {
      threads: asked === null ? threadsByDefault : names.includes('threads'),
      tags: names.includes('tags') && conditions.tags_module,
    };
  }

  return {
    create: ({ input }) => {
      const row = instance.create(input);
      return { status: 201, resourceId: row.id, body: entities.conversation(row, { threads: true, tags: false }) };
    },
    get: (call) => ({
      status: 200,
      body: entities.conversation(conversationOf(call), embedOf(call.input, true)),
    }),
    list: ({ input }) => {
      const rows = sortConversations(filterConversations(data, input, conditions.tags_module), input);
      return page('conversations', rows, input, (row) => entities.conversation(row, embedOf(input, false)));
    },
    update: (call) => {
      conversations.update(conversationOf(call), call.input);
      return NO_CONTENT;
    },
    remove: (call) => {
      conversations.deleteForever(conversationOf(call));
      return NO_CONTENT;
    },
    addThread: (call) => {
      const conversation = conversationOf(call);
      const thread = instance.threads.add(conversation, call.input, { source: 'api' });
      return { status: 201, resourceId: thread.id, body: entities.thread(thread, conversation) };
    },
    setTags: (call) => {
      if (!conditions.tags_module) throw moduleOff('Tags');
      const conversation = conversationOf(call);
      if (!('tags' in call.input)) throw missing('tags');
      tags.replace(conversation, tagNames(call.input.tags));
      return NO_CONTENT;
    },
  } satisfies Record<string, Handler>;
}

/** Throws a plain error, which becomes a 500, where the real code throws one. */
function tagNames(value: unknown): string[] {
  const list = listOf(value);
  if (list === null) throw new TypeError('tags is not an array');
  return list.map((entry) => {
    const name = entry === null ? '' : textOf(entry);
    if (name === null) throw new TypeError('a tag is not a string');
    return name;
  });
}
