-- Roll-backs are rare, and what they took away holds what follows in a sequence: found without looking at all bookings.
create index booking_back on booking (id) where subject ->> 'action' = 'roll-back';

-- Who has an environment, or places of a shared resource, for which span. Time-versioned like every fact: a reservation that
-- is moved or extended gets a new row, one that is let go of none.
create table reservation (
  id         text        not null check (id ~ '^rsv_[0-9a-f]{32}$'),
  -- Key of the lock of an environment, or of a shared resource.
  place      text        not null check (place ~ '^(environment|resource):'),
  team       text        not null,
  made_by    text        not null,
  reason     text        not null,
  "from"     timestamptz not null,
  "to"       timestamptz not null check ("to" > "from"),
  seats      integer[]   not null check (cardinality(seats) > 0),
  -- It moves forward to here when others let go; null: it stays.
  not_before timestamptz check (not_before <= "from"),
  -- The order in which they asked.
  asked_at   timestamptz not null,
  valid_from timestamptz not null,
  valid_to   timestamptz,
  primary key (id, valid_from),
  check (valid_to is null or valid_to >= valid_from)
);
create unique index reservation_in_force on reservation (id) where valid_to is null;
create index reservation_of_place on reservation (place, valid_from);
create index reservation_recent on reservation (asked_at desc, id desc) where valid_to is null;

-- A place as a number, so that no extension is needed to say that it must be the same one.
create table reservable (
  number   integer generated always as identity primary key,
  place    text    not null,
  seat     integer not null check (seat > 0),
  -- Written by everybody who changes reservations of the place: they come one after the other at any isolation level.
  revision bigint  not null default 0,
  unique (place, seat)
);

-- Those in force: whatever the code does, no two have one seat at one time.
create table reserved_seat (
  reservation_id text      not null,
  number         integer   not null references reservable,
  span           tstzrange not null check (not isempty(span)),
  primary key (reservation_id, number),
  exclude using gist (int4range(number, number, '[]') with &&, span with &&)
);

-- Under the domain of locks and its key: whoever keeps facts in memory reads anew who holds or has reserved the place.
create trigger reservation_noted after insert or update on reservation for each row execute function note_fact('lock', 'place');
create trigger reservation_kept before delete on reservation for each row execute function refuse_change();
create trigger reservation_kept_whole before truncate on reservation for each statement execute function refuse_change();
