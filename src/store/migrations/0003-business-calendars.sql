-- What is known of the source of a business calendar: the last good text, and how the last attempt went.
create table business_source (
  calendar     text        primary key,
  -- The last text that was read without a fault; kept so that a later horizon or another zone needs no new download.
  text         text        not null,
  digest       text        not null,
  zone         text        not null,
  etag         text,
  imported_at  timestamptz not null,
  imported_by  text        not null,
  -- Recurring events are expanded up to here.
  expanded_to  timestamptz not null
);

-- Attempts are apart from what they brought: a failed one leaves the last good state alone.
create table business_attempt (
  calendar     text        primary key,
  at           timestamptz not null,
  next_at      timestamptz not null,
  -- null: it went well.
  failure      text,
  failing_since timestamptz,
  check ((failure is null) = (failing_since is null))
);

-- Occurrences, time-versioned: in force over [valid_from, valid_to), so that a verdict about the past finds its events.
create table business_event (
  calendar   text        not null,
  uid        text        not null,
  occurrence text        not null,
  starts_at  timestamptz not null,
  ends_at    timestamptz not null,
  event      jsonb       not null,
  valid_from timestamptz not null,
  valid_to   timestamptz,
  primary key (calendar, uid, occurrence, valid_from),
  check (ends_at >= starts_at),
  check (valid_to is null or valid_to > valid_from)
);
create unique index business_event_in_force on business_event (calendar, uid, occurrence) where valid_to is null;
create index business_event_by_time on business_event (ends_at, starts_at);

-- Slots that an import proposes, as one batch; a person accepts or declines it, whole or by item.
create table reflow (
  id       text        primary key,
  calendar text        not null,
  at       timestamptz not null,
  sentence text        not null
);
create index reflow_recent on reflow (at desc, id desc);
create table reflow_item (
  reflow_id     text        not null references reflow,
  position      integer     not null,
  kind          text        not null check (kind in ('blocked', 'pull-forward', 'restore')),
  deployment_id text        not null references deployment,
  -- The event it is about, as findings name it.
  event         text        not null,
  old_from      timestamptz not null,
  old_to        timestamptz not null,
  new_from      timestamptz,
  new_to        timestamptz,
  sentence      text        not null,
  state         text        not null default 'open' check (state in ('open', 'accepted', 'declined', 'outdated')),
  decided_by    text,
  decided_at    timestamptz,
  primary key (reflow_id, position),
  check ((new_from is null) = (new_to is null)),
  check ((state in ('accepted', 'declined')) = (decided_by is not null))
);
create index reflow_item_of on reflow_item (deployment_id);
create index reflow_item_open on reflow_item (deployment_id) where state = 'open';

-- SEQUENCE of RFC 5545: rises with every move of the planned span.
alter table booking add column sequence integer not null default 0;
alter table booking add column moved_at timestamptz;
update booking set moved_at = created_at;

create function count_moves() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.moved_at := coalesce(new.moved_at, new.created_at);
  elsif (new.planned_from, new.planned_to) is distinct from (old.planned_from, old.planned_to) then
    new.sequence := old.sequence + 1;
    new.moved_at := greatest(now(), old.moved_at);
  end if;
  return new;
end $$;
create trigger booking_moves before insert or update on booking for each row execute function count_moves();

-- A view of the calendar that leaves as a feed, to whoever holds the address.
create table feed (
  id          text        primary key,
  person      text        not null,
  label       text        not null,
  filter      jsonb       not null,
  -- SHA-256 of the secret half of the address; the secret itself is shown once and stored nowhere.
  secret_hash text        not null,
  created_at  timestamptz not null,
  revoked_at  timestamptz
);
create index feed_of on feed (person, created_at desc);

-- Pages learn of imports and proposals as of everything else. They wear the kind of the configuration's events: what
-- holds for the calendar has changed.
create function tell_calendar() returns trigger language plpgsql as $$
begin
  insert into event (kind, object, body)
    values ('configuration', 'calendar/' || new.calendar, jsonb_build_object('calendar', new.calendar));
  return null;
end $$;
create trigger business_source_told after insert or update on business_source for each row execute function tell_calendar();
create trigger reflow_told after insert on reflow for each row execute function tell_calendar();
