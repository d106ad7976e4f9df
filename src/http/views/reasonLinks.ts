/** Pages that say more about why there is no ticket, by the reason. */
export const REASON_LINKS: Record<string, { href: string; label: string }> = {
  flag_off: { href: '/console/flags', label: 'Flags' },
  shadow: { href: '/console/sources#shadow-title', label: 'Shadow mode' },
  rejected: { href: '/console/dead-letters', label: 'Dead letters' },
  silenced: { href: '/console/silences', label: 'Silences' },
};
