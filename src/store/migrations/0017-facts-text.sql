-- Facts by parts are stored as the very text that their digest is taken over, `{"digests":{...},"values":{...}}`: made
-- once, and read without unquoting each value. The form of 0013 and facts as a whole are read as before.
create or replace function whole_facts(stored text) returns text language sql stable as $$
  select case
    when stored like '{"digests":%' then (
      select '{' || string_agg(to_json(m.name)::text || ':' || coalesce(m.body, '!'), ',' order by m.name collate "C") || '}'
      from (
        select v.key as name, v.value::text as body from json_each(stored::json -> 'values') v
        union all
        select d.key, f.body from json_each_text(stored::json -> 'digests') d left join fact_part f on f.digest = d.value
      ) m)
    when stored like '{"inline":%' then (
      select '{' || string_agg(to_json(m.name)::text || ':' || coalesce(m.body, '!'), ',' order by m.name collate "C") || '}'
      from (
        select i.key as name, i.value as body from jsonb_each_text(stored::jsonb -> 'inline') i
        union all
        select p.key, f.body from jsonb_each_text(stored::jsonb -> 'parts') p left join fact_part f on f.digest = p.value
      ) m)
    else stored end
$$;

-- Of waiting work: the id of a verdict and what people were told by it, in short, so that hundreds of verdicts need not be
-- read again to find the few that say otherwise. Counts only beside that verdict. Null: not known.
alter table deployment add column told text;
