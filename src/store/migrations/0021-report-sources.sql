-- The account that a source speaks with, where no document says: the first that reported under its name.
create table report_source (
  name    text        primary key,
  account text        not null,
  since   timestamptz not null
);
insert into report_source (name, account, since)
  select distinct on (report ->> 'source') report ->> 'source', account, received_at
  from report where report ->> 'source' is not null order by report ->> 'source', seq;
