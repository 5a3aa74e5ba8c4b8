-- What the judge of a canary made of each second, as it judged: kept for whoever asks why.
create table canary_look (
  deployment_id text   not null,
  -- Epoch second at the target.
  second        bigint not null,
  look          jsonb  not null,
  primary key (deployment_id, second)
);

-- What is watched of a version that is live: one row per deployment, looked at by one worker at a time.
create table live_watch (
  deployment_id text        primary key,
  service       text        not null,
  environment   text        not null,
  version       text        not null,
  digest        text        not null,
  -- The document as it was when the version went live.
  plan          jsonb       not null,
  state         jsonb       not null,
  live_at       timestamptz not null,
  armed_until   timestamptz not null,
  watched_until timestamptz not null check (watched_until >= armed_until),
  prolonged     integer     not null default 0,
  -- Durable timer; null: nothing is watched any more.
  look_at       timestamptz,
  -- Rises with each owner: what a late one saw is not stored.
  fence         bigint      not null default 0,
  -- By the clock of the database.
  claimed_until timestamptz
);
create unique index live_watch_of_place on live_watch (service, environment) where look_at is not null;
create index live_watch_due on live_watch (look_at) where look_at is not null;

create table watch_check_in (
  seq           bigint      generated always as identity primary key,
  deployment_id text        not null,
  at            timestamptz not null,
  person        text        not null,
  is_well       boolean     not null,
  sentence      text        not null
);
create index watch_check_in_of on watch_check_in (deployment_id, seq);

-- What somebody was told about a live version; each thing once.
create table watch_notice (
  seq           bigint      generated always as identity primary key,
  deployment_id text        not null,
  key           text        not null,
  at            timestamptz not null,
  -- Person, team or role.
  recipient     text        not null,
  sentence      text        not null,
  unique (deployment_id, key, recipient)
);
create index watch_notice_to on watch_notice (recipient, seq);
