import type { JSX } from 'preact';
import type { SearchedPage } from '../../model/operations.ts';
import { NextPage, type NextPageProps } from './elements.tsx';
import { Timestamp } from './time.tsx';

interface SearchPagerProps extends Pick<NextPageProps, 'path' | 'query'> {
  page: SearchedPage<unknown>;
  /** What was searched, between "Searched" and "since". */
  searched: string;
  /** How much one page searches, after "Each page of a search". */
  limit: string;
  /** The link to the next page of a search. */
  label: string;
}

/** How far back a page of a search has looked, and the link to the next page. Without a search, the link alone. */
export function SearchPager({ page, path, query, searched, limit, label }: SearchPagerProps): JSX.Element {
  const { next_cursor, searched_since } = page;
  if (searched_since === undefined) return <NextPage path={path} query={query} cursor={next_cursor} />;
  return (
    <>
      <p class="quiet">
        Searched {searched} since <Timestamp at={searched_since} />. Each page of a search {limit}.
      </p>
      <NextPage path={path} query={query} cursor={next_cursor} label={label} />
    </>
  );
}
