-- Facts of verdicts by content: a calendar, a list of people or a service that many verdicts saw is kept once.
create table fact_part (
  -- Of the text, as in the digest of the facts that it is part of.
  digest text primary key,
  -- Canonical JSON.
  body   text not null
);
create trigger fact_part_immutable before update or delete on fact_part for each row execute function refuse_change();
create trigger fact_part_kept_whole before truncate on fact_part for each statement execute function refuse_change();

-- The facts of a verdict as one canonical text, byte for byte, whether they are stored whole or by parts. A part that is
-- not there makes the text unreadable: nothing is replayed on other facts than those that were judged.
create function whole_facts(stored text) returns text language sql stable as $$
  select case when stored not like '{"inline":%' then stored else (
    select '{' || string_agg(to_json(m.name)::text || ':' || coalesce(m.body, '!'), ',' order by m.name collate "C") || '}'
    from (
      select i.key as name, i.value as body from jsonb_each_text(stored::jsonb -> 'inline') i
      union all
      select p.key, f.body from jsonb_each_text(stored::jsonb -> 'parts') p left join fact_part f on f.digest = p.value
    ) m) end
$$;
