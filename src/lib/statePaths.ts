/** The paths of the innermost states of a state value: `health.outage.down`, `investigation.idle`. */
export function statePaths(state: unknown): string[] {
  if (state === null || state === undefined) return [];
  if (typeof state !== 'object') return [String(state)];
  return Object.entries(state).flatMap(([region, inner]) => {
    const paths = statePaths(inner);
    return paths.length === 0 ? [region] : paths.map((path) => `${region}.${path}`);
  });
}
