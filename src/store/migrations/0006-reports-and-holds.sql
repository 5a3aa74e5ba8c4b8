-- What others report about artifacts, services and places. Rows are never changed: of each key the newest counts, and a
-- question about the past sees what had been received by then.
create table report (
  seq          bigint      generated always as identity primary key,
  id           text        not null unique,
  kind         text        not null check (kind in ('evidence', 'verification', 'ticket', 'error-budget', 'risk-score', 'signal')),
  -- Reports of a kind with the same key take each other's place.
  key          text        not null,
  -- What a verdict asks by: a digest, a service, a ticket, or service, version and environment.
  subject      text        not null,
  digest       text,
  services     text[]      not null,
  environments text[]      not null,
  -- Null for a figure.
  outcome      text,
  -- As the source says, and never after it was received.
  at           timestamptz not null,
  received_at  timestamptz not null,
  report       jsonb       not null,
  reported_by  text        not null,
  account      text        not null,
  check (at <= received_at)
);
create index report_of_key on report (kind, key, at desc, seq desc);
create index report_of_subject on report (kind, subject, key, at desc, seq desc);
-- The last report of a key that said something else: since when a signal is what it is.
create index report_of_outcome on report (key, outcome, at desc) where kind = 'signal';
create index report_of_service on report using gin (services) where kind = 'ticket';
-- Lists, newest first.
create index report_recent on report (kind, at desc, seq desc);
create index report_recent_of_digest on report (kind, digest, at desc, seq desc) where digest is not null;
create index report_recent_of_service on report (kind, (services[1]), at desc, seq desc) where kind <> 'ticket';
create trigger report_immutable before update or delete on report for each row execute function refuse_change();
create trigger report_kept_whole before truncate on report for each statement execute function refuse_change();

-- Somebody has put a hold on what a scope matches.
create table hold (
  id         text        primary key,
  scope      jsonb       not null,
  reason     text        not null,
  placed_by  text        not null,
  since      timestamptz not null,
  until      timestamptz,
  -- Person, team or role that may lift it.
  may_lift   text        not null,
  ended_at   timestamptz,
  ended_by   text,
  end_reason text,
  check (until is null or until > since),
  check (ended_at is null or ended_at >= since),
  check ((ended_at is null) = (ended_by is null) and (ended_at is null) = (end_reason is null))
);
create index hold_recent on hold (since desc, id desc);
create index hold_in_force on hold (coalesce(ended_at, 'infinity'::timestamptz));

-- The global stop: nothing starts.
create table stop (
  id               text        primary key,
  reason           text        not null,
  stopped_by       text        not null,
  since            timestamptz not null,
  until            timestamptz,
  allows_roll_back boolean     not null,
  ended_at         timestamptz,
  ended_by         text,
  end_reason       text,
  check (until is null or until > since),
  check (ended_at is null or ended_at >= since),
  check ((ended_at is null) = (ended_by is null) and (ended_at is null) = (end_reason is null))
);
create index stop_recent on stop (since desc, id desc);
create index stop_in_force on stop (coalesce(ended_at, 'infinity'::timestamptz));

-- Pages learn of holds and stops as of a configuration: what holds for waiting work has changed.
create function tell_hold() returns trigger language plpgsql as $$
begin
  insert into event (kind, object, body)
    values ('configuration', tg_table_name || '/' || new.id, jsonb_build_object('ended', new.ended_at is not null));
  return null;
end $$;
create trigger hold_told after insert or update on hold for each row execute function tell_hold();
create trigger stop_told after insert or update on stop for each row execute function tell_hold();

-- Where a digest has been live.
create index deployment_succeeded on deployment (digest, environment, ended_at desc) where state = 'succeeded';
-- Open work of a service in an environment, and planned work of a span.
create index deployment_open_of_until on deployment (service, environment, coalesce(ended_at, 'infinity'::timestamptz));
create index booking_planned on booking (planned_from, environment);
