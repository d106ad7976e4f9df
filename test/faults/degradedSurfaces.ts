import { fetchWithin } from '../../src/lib/fetchWithin.ts';

/** A page answers within 5 s. */
const GRID_MS = 6_000;

/** The surfaces that the console shows as degraded; empty when no process answers. */
export async function degradedSurfaces(webs: readonly string[], token: string): Promise<ReadonlySet<string>> {
  for (const web of webs) {
    const surfaces = await grid(web, token).catch(() => null);
    if (surfaces) return new Set(surfaces.filter(({ status }) => /DEGRADED|DOWN/.test(status)).map(({ id }) => id));
  }
  return new Set();
}

async function grid(web: string, token: string): Promise<{ id: string; status: string }[] | null> {
  const { text } = await fetchWithin(GRID_MS, `${web}/console/status`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
  });
  const { surfaces } = JSON.parse(text) as { surfaces?: { id: string; status: string }[] };
  return surfaces ?? null;
}
