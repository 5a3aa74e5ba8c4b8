-- How busy a service is, hour by hour of the week, and when its batches run. `profile` as it was recorded.
create table load_profile (
  service     text        not null,
  environment text        not null,
  profile     jsonb       not null,
  valid_from  timestamptz not null,
  valid_to    timestamptz,
  recorded_by text        not null,
  primary key (service, environment, valid_from),
  check (valid_to is null or valid_to > valid_from)
);
create unique index load_profile_in_force on load_profile (environment, service) where valid_to is null;

-- What another system said about the rota of a team; the next import from the same source takes its place.
create table rota_import (
  id          text        primary key,
  team        text        not null,
  source      text        not null,
  -- Duties are known up to here.
  until       timestamptz not null,
  valid_from  timestamptz not null,
  valid_to    timestamptz,
  imported_by text        not null,
  check (valid_to is null or valid_to >= valid_from)
);
create unique index rota_import_in_force on rota_import (team, source) where valid_to is null;
create index rota_import_of_team on rota_import (team, valid_from);

create table rota_duty (
  import_id text        not null references rota_import,
  person    text        not null,
  from_at   timestamptz not null,
  to_at     timestamptz not null,
  check (to_at > from_at)
);
create index rota_duty_of_import on rota_duty (import_id, from_at);

create table rota_swap (
  id           text        primary key,
  team         text        not null,
  person       text,
  replaces     text,
  from_at      timestamptz not null,
  to_at        timestamptz not null,
  reason       text        not null,
  made_by      text        not null,
  valid_from   timestamptz not null,
  valid_to     timestamptz,
  withdrawn_by text,
  check (to_at > from_at),
  check (person is not null or replaces is not null),
  check (valid_to is null or valid_to >= valid_from),
  check ((valid_to is null) = (withdrawn_by is null))
);
create index rota_swap_of_team on rota_swap (team, to_at);

-- Who proposed which slot for a booking and why, who accepted or withdrew it: positions are kept, never changed.
create table slot_position (
  seq           bigint      generated always as identity primary key,
  id            text        not null unique,
  deployment_id text        not null references deployment,
  kind          text        not null check (kind in ('proposed', 'accepted', 'withdrawn')),
  -- The proposal that is meant; its own id for a proposal.
  proposal_id   text        not null,
  person        text        not null,
  at            timestamptz not null,
  reason        text,
  -- The slot with its score and reasons as they were when the position was taken.
  from_at       timestamptz not null,
  to_at         timestamptz not null,
  score         integer     not null,
  reasons       jsonb       not null,
  -- Score less that of the planned start before it; null when that one lay in no opening.
  delta         integer,
  check (to_at > from_at)
);
create index slot_position_of_deployment on slot_position (deployment_id, seq);
create index slot_position_of_proposal on slot_position (proposal_id, seq);
create trigger slot_position_immutable before update or delete on slot_position for each row execute function refuse_change();
create trigger slot_position_kept_whole before truncate on slot_position for each statement execute function refuse_change();
