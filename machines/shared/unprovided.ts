/** Stands where an implementation belongs: a machine that nobody wired fails loudly and names what is missing. */
export function unprovided(name: string): never {
  throw new Error(`the machine asks for "${name}", and nothing provides it`);
}
