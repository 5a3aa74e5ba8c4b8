-- A version that had to be left running when its successor went live: its sessions still lived, or the target did not
-- stop it. Looked at until it is stopped, by one worker at a time.
create table left_version (
  deployment_id text        not null references deployment,
  version       text        not null,
  service       text        not null,
  environment   text        not null,
  left_at       timestamptz not null,
  -- How its sessions come to their end; null: it has none, and could not be stopped.
  sessions      jsonb,
  -- How many lived at the last look; null: nobody has counted.
  live          integer     check (live >= 0),
  -- False: that many at most.
  is_exact      boolean     not null default false,
  -- Then people are asked whether they are to be ended; null: nobody is.
  ask_at        timestamptz,
  asked         integer     not null default 0,
  -- Looks at which the target did not do what it was asked to.
  failed        integer     not null default 0,
  -- Who has decided that the rest is ended.
  end_wanted_by text,
  -- Durable timer; null: it is over.
  look_at       timestamptz,
  ended_at      timestamptz,
  how           text        check (how in ('stopped', 'forced', 'in-use', 'gone')),
  -- Sessions that were ended by force.
  forced_out    integer     check (forced_out >= 0),
  primary key (deployment_id, version),
  check ((ended_at is null) = (how is null)),
  check (ended_at is null or look_at is null)
);
create index left_version_due on left_version (look_at) where look_at is not null;

create function left_version_guard() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null then
    raise exception 'what became of % of % is on record', old.version, old.deployment_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger left_version_once before update on left_version for each row execute function left_version_guard();
create trigger left_version_kept before delete on left_version for each row execute function refuse_change();
create trigger left_version_kept_whole before truncate on left_version for each statement execute function refuse_change();

-- Why a rehearsal failed; null: it did not, or rows differ.
alter table rehearsal add column reason text;
