/** SQL conditions for the sessions of one person. Sessions of release 0.1.0 have no issuer. */

/** Those of the person with the issuer $2 and the subject $3. A session without an issuer counts as one of this issuer. */
export const OF_IDENTITY = 'subject = $3 and coalesce(issuer, $2) = $2';

/**
 * Those of the holder of the session with this id, or all sessions if the id is null. A session without an issuer belongs
 * together only with others without one.
 */
export const OF_HOLDER = (id: string): string =>
  `(${id}::text is null or (subject, coalesce(issuer, '')) =
     (select subject, coalesce(issuer, '') from sessions where id = ${id}::text))`;
