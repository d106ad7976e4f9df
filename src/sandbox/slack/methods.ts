import { createReadMethods } from './readMethods.ts';
import { createWorkspace, type Method, SlackFailure, type WorkspaceDeps } from './workspace.ts';
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
      if (args.users !== identity.userId && args.channel !== identity.dmChannel)
        throw new SlackFailure('user_not_found');
      return { channel: { id: identity.dmChannel } };
    },
    ...createWriteMethods(workspace),
    ...createReadMethods(workspace),
  };
}
