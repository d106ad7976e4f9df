/** XState's own event types are internals; these are their names for readers: `after flapWindow`, `done file`. */
export function eventName(type: string): string {
  const [, what, of] = /^xstate\.(after|done\.actor|done\.state|error\.actor)\.(.+)$/.exec(type) ?? [];
  if (what === undefined || of === undefined) return type;
  // A timer carries the state that it belongs to, which every reader knows from the context.
  if (what === 'after') return `after ${of.split('.')[0] ?? of}`;
  return `${what.startsWith('done') ? 'done' : 'error'} ${of}`;
}
