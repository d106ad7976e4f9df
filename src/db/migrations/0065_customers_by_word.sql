-- The words of each customer, of which a search finds the beginnings. A word of this index has 255 characters at most.
create index customers_by_word on customers using gin (
  array_to_tsvector(array_remove(regexp_split_to_array(
    lower(left(name, 255) || ' ' || left(email, 255) || ' ' || left(id, 255)), '[^[:alnum:]]+'), ''))
);
