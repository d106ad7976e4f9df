import ipaddr from 'ipaddr.js';

/** A household usually has a whole /64 of IPv6 addresses, so a /64 counts as one client. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : parsed.toString();
}
