/** Readable names for XState's internal event types: `after flapWindow`, `done file`. Other types stay as they are. */
export function eventName(type: string): string {
  const [, kind, of] = /^xstate\.(after|done\.actor|done\.state|error\.actor)\.(.+)$/.exec(type) ?? [];
  if (kind === undefined || of === undefined) return type;
  // The rest of a timer event names the state of the timer, which is clear from the context.
  if (kind === 'after') return `after ${of.split('.')[0] ?? of}`;
  return `${kind.startsWith('done') ? 'done' : 'error'} ${of}`;
}
