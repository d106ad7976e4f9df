/** What to do about Slack's answers for a recipient that the surfaces file names, by code. */
const HELP: Record<string, (id: string) => string> = {
  channel_not_found: (id) =>
    `There is no channel ${id}, or it is private: correct the id, or invite the app with /invite in the channel.`,
  not_in_channel: (id) => `The app is not in channel ${id}: invite it with /invite in the channel.`,
  is_archived: (id) => `Channel ${id} is archived: name another one.`,
  user_not_found: (id) => `There is no member ${id} in this workspace: correct the id.`,
  user_disabled: (id) => `Member ${id} is deactivated: name another one.`,
  user_not_visible: (id) => `The app may not see member ${id}: name another one.`,
  cannot_dm_bot: (id) => `${id} is a bot: name a person.`,
};

/** Null if the answer is not about the recipient. */
export const recipientHelp = (code: string | undefined, id: string): string | null => HELP[code ?? '']?.(id) ?? null;

/** People have conversations that are opened first. Channels are addressed as they are. */
export const isPerson = (id: string): boolean => /^[UW]/.test(id);
