-- What the judge of a canary made of each second, as it judged: kept for whoever asks why.
create table canary_look (
  deployment_id text   not null,
  -- Epoch second at the target.
  second        bigint not null,
  look          jsonb  not null,
  primary key (deployment_id, second)
);
