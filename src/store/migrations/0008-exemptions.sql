-- Deviations from rules that compliance has granted for a time. Only their end may come earlier than was granted.
create sequence exemption_number;
create table exemption (
  id            text        primary key default 'EX-' || nextval('exemption_number'),
  -- Name of the type that was in force when it was requested.
  type          text        not null,
  rule          text        not null,
  codes         text[]      not null check (cardinality(codes) > 0),
  subjects      text[]      not null,
  scope         jsonb       not null,
  justification text        not null check (justification <> ''),
  controls      text[]      not null,
  valid_from    timestamptz not null,
  valid_until   timestamptz not null,
  -- The one that it follows upon, and how many come before it.
  renews        text        unique references exemption,
  renewal       integer     not null default 0 check (renewal >= 0),
  requested_by  text        not null,
  requested_at  timestamptz not null,
  revoked_at    timestamptz,
  revoked_by    text,
  revoke_reason text,
  check (valid_until > valid_from),
  check ((renews is null) = (renewal = 0)),
  check ((revoked_at is null) = (revoked_by is null) and (revoked_at is null) = (revoke_reason is null))
);
create index exemption_recent on exemption (requested_at desc, id);
create index exemption_in_force on exemption (valid_until);

create table exemption_approval (
  exemption_id text        not null references exemption,
  person       text        not null,
  at           timestamptz not null,
  primary key (exemption_id, person)
);
create trigger exemption_approval_immutable before update or delete on exemption_approval for each row execute function refuse_change();

-- Nobody approves what he has asked for, whatever asks for it.
create function refuse_own_exemption() returns trigger language plpgsql as $$
begin
  if exists (select from exemption e where e.id = new.exemption_id and e.requested_by = new.person) then
    raise exception 'the exemption % was requested by %', new.exemption_id, new.person;
  end if;
  return new;
end $$;
create trigger exemption_of_another before insert on exemption_approval for each row execute function refuse_own_exemption();

-- One finding of one deployment, passed by somebody for some hours.
create sequence override_number;
create table finding_override (
  id             text        primary key default 'OV-' || nextval('override_number'),
  deployment_id  text        not null references deployment,
  rule           text        not null,
  code           text        not null,
  content_digest text        not null,
  person         text        not null,
  used_right     text        not null,
  reason         text        not null check (reason <> ''),
  at             timestamptz not null,
  until          timestamptz not null,
  check (until > at)
);
create index finding_override_of_deployment on finding_override (deployment_id, at);
create index finding_override_recent on finding_override (at desc, id);
create trigger finding_override_immutable before update or delete on finding_override for each row execute function refuse_change();
create trigger finding_override_kept_whole before truncate on finding_override for each statement execute function refuse_change();

-- Every start that an exemption or an override let through.
create table deviation_use (
  seq           bigint      generated always as identity primary key,
  deviation     text        not null,
  kind          text        not null check (kind in ('exemption', 'override')),
  rule          text        not null,
  deployment_id text        not null references deployment,
  verdict_id    text        not null references verdict,
  gate          text        not null,
  -- Who asked for the deployment.
  person        text,
  at            timestamptz not null,
  unique (deviation, verdict_id, rule)
);
create index deviation_use_of on deviation_use (deviation, seq);
create trigger deviation_use_immutable before update or delete on deviation_use for each row execute function refuse_change();
create trigger deviation_use_kept_whole before truncate on deviation_use for each statement execute function refuse_change();

-- Emergencies. What was asked for is never changed: the newest ticket for a version in a place counts.
create sequence emergency_number;
create table emergency (
  seq             bigint      generated always as identity unique,
  id              text        primary key default 'EM-' || nextval('emergency_number'),
  ticket          text        not null,
  cause           text        not null,
  service         text        not null,
  version         text        not null,
  digest          text        not null,
  environments    text[]      not null check (cardinality(environments) > 0),
  team            text        not null,
  criteria        text[]      not null,
  impact          text[]      not null,
  passes_freezes  text[]      not null,
  opened_by       text        not null,
  opened_at       timestamptz not null,
  -- Both are set by the last approval that was needed.
  permitted_at    timestamptz,
  permitted_until timestamptz,
  check ((permitted_at is null) = (permitted_until is null)),
  check (permitted_until > permitted_at)
);
create index emergency_of_service on emergency (service, version, seq desc);

create table emergency_approval (
  emergency_id text        not null references emergency,
  person       text        not null,
  at           timestamptz not null,
  on_duty      boolean     not null,
  primary key (emergency_id, person)
);
create trigger emergency_approval_immutable before update or delete on emergency_approval for each row execute function refuse_change();

-- What an emergency owes from its start on.
create sequence debt_number;
create table debt (
  id           text        primary key default 'DB-' || nextval('debt_number'),
  kind         text        not null check (kind in ('review', 'back-merge', 'rehearsal')),
  team         text        not null,
  emergency_id text        not null references emergency,
  since        timestamptz not null,
  due_at       timestamptz not null,
  paid_at      timestamptz,
  paid_by      text,
  -- Where what was owed can be seen: the minutes, the commit, the run.
  evidence     text,
  unique (emergency_id, kind),
  check ((paid_at is null) = (paid_by is null) and (paid_at is null) = (evidence is null))
);
create index debt_of_team on debt (team, coalesce(paid_at, 'infinity'::timestamptz));

-- What was told to people who feel something, though they did not ask for it.
create table announcement (
  seq      bigint      generated always as identity primary key,
  person   text        not null,
  object   text        not null,
  sentence text        not null,
  at       timestamptz not null
);
create index announcement_of_person on announcement (person, seq desc);
create index announcement_of_object on announcement (object, seq desc);
create trigger announcement_immutable before update or delete on announcement for each row execute function refuse_change();
create trigger announcement_kept_whole before truncate on announcement for each statement execute function refuse_change();

-- Freezes in spite of which somebody approved: a consent of its own beside that to the content.
alter table approval add column despite text[] not null default '{}';
alter table approval drop constraint approval_content_digest_person_key;
alter table approval add constraint approval_once unique (content_digest, person, despite);
