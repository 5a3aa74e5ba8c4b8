-- Facts are time-versioned: a row is in force over [valid_from, valid_to); nothing is overwritten.
create table document (
  kind        text        not null,
  name        text        not null,
  description text,
  spec        jsonb       not null,
  digest      text        not null,
  place       text        not null,
  valid_from  timestamptz not null,
  valid_to    timestamptz,
  applied_by  text        not null,
  primary key (kind, name, valid_from),
  check (valid_to is null or valid_to > valid_from)
);
create unique index document_in_force on document (kind, name) where valid_to is null;
create index document_at on document (valid_from, valid_to);

create table configuration_revision (
  revision    bigint      generated always as identity primary key,
  -- Rises with the revision, so "in force at an instant" has one answer (store/configuration keeps it so).
  at          timestamptz not null unique,
  digest      text        not null,
  applied_by  text        not null
);

-- One row that every application of a configuration updates first: two at once come one after the other, and the later
-- one starts anew at any isolation level instead of working on a set that is no longer in force.
create table configuration_head (
  one          boolean primary key default true check (one),
  applications bigint  not null
);
insert into configuration_head (applications) values (0);

create table artifact (
  service       text        not null,
  version       text        not null,
  digest        text        not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  author        text,
  registered_at timestamptz not null,
  primary key (service, version)
);

create table booking (
  id             text        primary key,
  service        text        not null,
  version        text        not null,
  environment    text        not null,
  subject        jsonb       not null,
  content_digest text        not null,
  planned_from   timestamptz not null,
  planned_to     timestamptz not null,
  requested_by   text        not null,
  created_at     timestamptz not null,
  check (planned_to > planned_from)
);

create table deployment (
  id                 text        primary key,
  booking_id         text        not null references booking,
  service            text        not null,
  version            text        not null,
  environment        text        not null,
  digest             text        not null,
  state              text        not null check (state in ('waiting', 'queued', 'running', 'succeeded', 'rolled-back',
                                                           'aborted', 'cancelled', 'rejected', 'failed', 'needs-human')),
  when_blocked       text        not null check (when_blocked in ('wait', 'fail')),
  verdict_id         text,
  next_check_at      timestamptz,
  requested_at       timestamptz not null,
  started_at         timestamptz,
  ended_at           timestamptz,
  control            text,
  fence              bigint,
  percent            numeric(5, 2) not null default 0 check (percent between 0 and 100),
  outcome            text,
  abort_requested_by text,
  -- Account and idempotency key of the request: a repetition finds what the first one made.
  request_key        text unique,
  -- Id of the durable run, once there is one.
  run                text,
  -- Why the run holds its position and asks a person.
  held               text,
  -- Order of arrival in the queue; given by the trigger.
  queue_order        bigint,
  revision           bigint      not null default 1,
  -- Combinations that cannot be true cannot be stored.
  check ((state = 'waiting') = (next_check_at is not null)),
  check ((ended_at is not null) = (state in ('succeeded', 'rolled-back', 'aborted', 'cancelled', 'rejected', 'failed', 'needs-human'))),
  check ((ended_at is null) or (outcome is not null)),
  check (state not in ('waiting', 'queued') or started_at is null)
);
create index deployment_due on deployment (next_check_at) where state = 'waiting';
-- Lists are newest first; one index for every filter that a list offers, so that a rare value is no full scan.
create index deployment_recent on deployment (requested_at desc, id desc);
create index deployment_recent_there on deployment (environment, requested_at desc, id desc);
create index deployment_recent_of on deployment (service, requested_at desc, id desc);
create index deployment_recent_of_there on deployment (service, environment, requested_at desc, id desc);
create index deployment_recent_as on deployment (state, requested_at desc, id desc);
create index deployment_recent_open on deployment (requested_at desc, id desc) where ended_at is null;
-- What was open at an instant: an open one ends at infinity.
create index deployment_open_until on deployment (coalesce(ended_at, 'infinity'::timestamptz));
create index deployment_open_there_until on deployment (environment, coalesce(ended_at, 'infinity'::timestamptz));
create index deployment_ended_of on deployment (environment, service, ended_at desc) where started_at is not null;
create index deployment_ended_there on deployment (environment, ended_at desc) where started_at is not null;
create unique index deployment_open on deployment (service, version, environment) where ended_at is null;

create sequence deployment_queue;
-- A terminal state is final (semantics 6.4), whoever writes.
create function deployment_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if old.ended_at is not null and (new.state, new.ended_at, new.outcome) is distinct from (old.state, old.ended_at, old.outcome) then
      raise exception 'deployment % has ended as %', old.id, old.state using errcode = 'check_violation';
    end if;
    new.revision := old.revision + 1;
  end if;
  if new.state <> 'queued' then
    new.queue_order := null;
  elsif new.queue_order is null then
    new.queue_order := nextval('deployment_queue');
  end if;
  return new;
end $$;
create trigger deployment_terminal before insert or update on deployment for each row execute function deployment_guard();

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% rows are never changed or deleted', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger deployment_kept before delete on deployment for each row execute function refuse_change();
create trigger deployment_kept_whole before truncate on deployment for each statement execute function refuse_change();

create table verdict (
  id            text        primary key,
  at            timestamptz not null,
  gate          text        not null,
  deployment_id text,
  service       text        not null,
  version       text        not null,
  environment   text        not null,
  decision      text        not null check (decision in ('allow', 'wait', 'hold', 'deny')),
  -- Canonical JSON as text: stored as written, compared byte for byte at replay.
  verdict       text        not null,
  facts         text        not null,
  facts_digest  text        not null,
  zone_data     text        not null
);
create index verdict_of_deployment on verdict (deployment_id, at);
create trigger verdict_immutable before update or delete on verdict for each row execute function refuse_change();
create trigger verdict_kept_whole before truncate on verdict for each statement execute function refuse_change();

create table approval (
  id             text        primary key,
  deployment_id  text        not null references deployment,
  service        text        not null,
  version        text        not null,
  environment    text        not null,
  person         text        not null,
  decision       text        not null check (decision in ('approved', 'rejected')),
  content_digest text        not null,
  reason         text,
  at             timestamptz not null,
  -- One decision per person and content.
  unique (content_digest, person)
);
create index approval_of_version on approval (service, version, environment, at);
create index approval_of_deployment on approval (deployment_id, at);
create trigger approval_immutable before update or delete on approval for each row execute function refuse_change();
create trigger approval_kept_whole before truncate on approval for each statement execute function refuse_change();

create table deployed (
  environment   text        not null,
  service       text        not null,
  version       text        not null,
  digest        text        not null,
  deployment_id text,
  valid_from    timestamptz not null,
  valid_to      timestamptz,
  primary key (environment, service, valid_from),
  check (valid_to is null or valid_to >= valid_from)
);
create unique index deployed_in_force on deployed (environment, service) where valid_to is null;

create sequence lock_fence;
create table environment_lock (
  key         text        primary key,
  holder      text        not null,
  fence       bigint      not null,
  taken_at    timestamptz not null default now(),
  expected_to timestamptz
);

create table timeline_event (
  seq           bigint      generated always as identity primary key,
  deployment_id text        not null,
  at            timestamptz not null,
  step          text        not null,
  name          text        not null,
  phase         text        not null,
  sentence      text        not null,
  detail        jsonb,
  unique (deployment_id, name, phase)
);

create table traffic_sample (
  deployment_id text     not null,
  second        bigint   not null,
  arm           text     not null check (arm in ('control', 'canary')),
  requests      integer  not null,
  errors        integer  not null,
  p95_ms        real,
  primary key (deployment_id, second, arm)
);

create table audit_entry (
  seq         bigint      generated always as identity primary key,
  id          text        not null unique,
  -- Transaction that wrote it: the sequencer orders only what is below the oldest running one.
  xid         xid8        not null default pg_current_xact_id(),
  at          timestamptz not null,
  actor       jsonb       not null,
  action      text        not null,
  object      text        not null,
  outcome     text        not null,
  verdict_id  text,
  request_id  text,
  -- Canonical bytes (RFC 8785), never serialised again.
  entry       text        not null,
  -- Leaf hash of the entry (RFC 6962), made when it was appended: it names the entry that somebody changed later.
  leaf        text        not null check (leaf ~ '^[0-9a-f]{64}$')
);
create index audit_by_object on audit_entry (object, seq);
create index audit_by_action on audit_entry (action, seq);
create index audit_by_time on audit_entry (at, seq);
-- The product needs no superuser and may own its tables, so a role without UPDATE would be no fence: triggers are it.
create trigger audit_immutable before update or delete on audit_entry for each row execute function refuse_change();
create trigger audit_kept_whole before truncate on audit_entry for each statement execute function refuse_change();

create table access_token (
  id           text        primary key,
  person       text        not null,
  account      text        not null,
  kind         text        not null check (kind in ('token', 'session')),
  -- SHA-256 of the secret half; the secret itself is shown once and stored nowhere.
  secret_hash  text        not null,
  label        text        not null,
  -- Credential that made it; revoking that one revokes this one too. Null for what was issued on the host.
  parent       text        references access_token on delete set null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  last_used_at timestamptz,
  revoked_at   timestamptz,
  check (expires_at > created_at)
);
create index access_token_of on access_token (person, created_at desc);

create table idempotent_answer (
  -- The account: keys of two accounts never meet.
  scope       text        not null,
  key         text        not null,
  operation   text        not null,
  body_digest text        not null,
  -- Both null while the request is under way.
  status      integer,
  answer      jsonb,
  at          timestamptz not null default now(),
  primary key (scope, key),
  check ((status is null) = (answer is null))
);
create index idempotent_answer_age on idempotent_answer (at);

create table event (
  seq     bigint      generated always as identity primary key,
  xid     xid8        not null default pg_current_xact_id(),
  at      timestamptz not null default now(),
  kind    text        not null,
  object  text        not null,
  body    jsonb       not null
);
create index event_order on event (xid, seq);
create index event_age on event (at);

-- The last event that retention removed: a cursor before it has missed something and must read anew. One row.
create table event_pruned (
  one  boolean primary key default true check (one),
  xid  xid8    not null,
  seq  bigint  not null
);

-- The shift of the domain clock, set by demos and tests only; one row.
create table clock_shift (
  one      boolean     primary key default true check (one),
  shift_ms bigint      not null,
  set_by   text        not null,
  set_at   timestamptz not null default now()
);

-- Events are written by whoever writes the fact, in the same transaction: nothing that commits can go untold. The
-- notification is a hint only; readers also poll.
create function tell() returns trigger language plpgsql as $$
begin
  perform pg_notify('tidegate_event', '');
  return null;
end $$;
create trigger event_told after insert on event for each statement execute function tell();

create function tell_deployment() returns trigger language plpgsql as $$
begin
  insert into event (kind, object, body) values ('deployment', new.id, jsonb_build_object(
    'service', new.service, 'version', new.version, 'environment', new.environment, 'state', new.state,
    'percent', new.percent, 'revision', new.revision));
  return null;
end $$;
create trigger deployment_told after insert or update on deployment for each row execute function tell_deployment();

create function tell_timeline() returns trigger language plpgsql as $$
begin
  insert into event (kind, object, body) values ('timeline', new.deployment_id, jsonb_build_object(
    'seq', new.seq, 'at', new.at, 'step', new.step, 'name', new.name, 'phase', new.phase, 'sentence', new.sentence));
  return null;
end $$;
create trigger timeline_told after insert on timeline_event for each row execute function tell_timeline();

-- One event per run and write, however many seconds arrive at once.
create function tell_traffic() returns trigger language plpgsql as $$
begin
  insert into event (kind, object, body)
    select 'traffic', deployment_id, jsonb_build_object('from', min(second), 'to', max(second)) from added group by deployment_id;
  return null;
end $$;
create trigger traffic_told after insert on traffic_sample
  referencing new table as added for each statement execute function tell_traffic();

create function tell_configuration() returns trigger language plpgsql as $$
begin
  insert into event (kind, object, body)
    values ('configuration', new.revision::text, jsonb_build_object('revision', new.revision, 'digest', new.digest));
  return null;
end $$;
create trigger configuration_told after insert on configuration_revision for each row execute function tell_configuration();

create function tell_clock() returns trigger language plpgsql as $$
begin
  insert into event (kind, object, body) values ('clock', 'clock', jsonb_build_object('shiftMs', new.shift_ms));
  return null;
end $$;
create trigger clock_told after insert or update on clock_shift for each row execute function tell_clock();
