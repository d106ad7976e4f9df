import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

export type Address = LookupAddress;

/** Resolves a host name to all its addresses. */
export type Resolve = (name: string) => Promise<Address[]>;

/** An IP address as the result of its own look-up; null for a name. */
export function asAddress(text: string): Address | null {
  const family = isIP(text);
  return family === 0 ? null : { address: text, family };
}

/** In the form in which sockets look names up. */
export function asLookup(resolve: Resolve): LookupFunction {
  return (name, { all, family }, callback) => {
    const fits = (address: Address) => !family || address.family === Number(String(family).replace('IPv', ''));
    resolve(name).then(
      (found) => {
        const addresses = found.filter(fits);
        const [first] = addresses;
        if (!first) process.nextTick(callback, noAddress(name, family), []);
        else if (all) process.nextTick(callback, null, addresses);
        else process.nextTick(callback, null, first.address, first.family);
      },
      // Outside the promise, so that an error of the caller is not taken for one of the look-up.
      (error: Error) => process.nextTick(callback, error, []),
    );
  };
}

const noAddress = (name: string, family: unknown): Error =>
  Object.assign(new Error(`the name ${name} has no address of family ${family}`), { code: 'ENOTFOUND' });
