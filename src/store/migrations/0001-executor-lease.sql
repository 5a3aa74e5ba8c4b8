-- One row per worker process that runs workflows. A worker whose row is missing or expired is dead to the others,
-- which then take over what it was running.
create table executor_lease (
  id text primary key,
  started_at timestamptz not null default now(),
  expires_at timestamptz not null
);
