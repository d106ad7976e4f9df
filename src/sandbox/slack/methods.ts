import { placeOf } from './places.ts';
import { createReadMethods } from './readMethods.ts';
import { createWorkspace, FOREIGN_CHANNEL, type Method, SlackFailure, type WorkspaceDeps } from './workspace.ts';
import { createWriteMethods } from './writeMethods.ts';

/** The Web API methods that a bot needs to send direct messages and to find them again. */
export function createMethods(deps: WorkspaceDeps): Record<string, Method> {
  const { identity } = deps;
  const workspace = createWorkspace(deps);
  return {
    'auth.test': () => ({
      url: 'https://sandbox.example/',
      team: 'Sandbox',
      user: 'auto-ticketing',
      team_id: identity.teamId,
      user_id: identity.botUserId,
      bot_id: identity.botId,
    }),
    'conversations.open': (args) => {
      const isFirst = args.users === identity.userId || args.channel === identity.dmChannel;
      const id = isFirst ? identity.dmChannel : placeOf(args.users);
      if (id === undefined) throw new SlackFailure('user_not_found');
      return { channel: { id } };
    },
    'conversations.info': ({ channel: id }) => {
      const isForeign = id === FOREIGN_CHANNEL;
      if (!isForeign && placeOf(id) === undefined) throw new SlackFailure('channel_not_found');
      return { channel: { id, is_member: !isForeign, is_archived: false } };
    },
    ...createWriteMethods(workspace),
    ...createReadMethods(workspace),
  };
}
