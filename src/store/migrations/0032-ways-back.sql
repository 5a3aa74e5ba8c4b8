-- Whether a release is taken back: who was asked, until when, and what came of it. The protocol is the one that was in
-- force when the clock began. A decision ends once; what was said stays as it was said.
create table rollback_decision (
  id            text        primary key check (id ~ '^rdc_[0-9a-f]{32}$'),
  deployment_id text        not null references deployment,
  cause         text        not null check (cause in ('held', 'alert')),
  because       text        not null,
  opened_at     timestamptz not null,
  protocol      jsonb       not null,
  -- Keys of the messages that are out.
  sent          text[]      not null default '{}',
  -- When a worker has to look at it; null: it has ended, or its run waits for the end.
  due_at        timestamptz,
  ended_at      timestamptz,
  option        text        check (option in ('go-back', 'go-on')),
  -- null: the default was taken.
  decided_by    text,
  check ((ended_at is null) = (option is null)),
  check (decided_by is null or ended_at is not null)
);
create unique index rollback_decision_open on rollback_decision (deployment_id) where ended_at is null;
create index rollback_decision_of on rollback_decision (deployment_id, opened_at desc);
create index rollback_decision_due on rollback_decision (due_at) where ended_at is null and due_at is not null;

create function rollback_decision_guard() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null then
    raise exception 'the decision % has ended', old.id using errcode = 'check_violation';
  end if;
  if (new.id, new.deployment_id, new.cause, new.because, new.opened_at, new.protocol)
     is distinct from (old.id, old.deployment_id, old.cause, old.because, old.opened_at, old.protocol) then
    raise exception 'what the decision % is about does not change', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger rollback_decision_once before update on rollback_decision for each row execute function rollback_decision_guard();
create trigger rollback_decision_kept before delete on rollback_decision for each row execute function refuse_change();
create trigger rollback_decision_kept_whole before truncate on rollback_decision for each statement execute function refuse_change();

create table rollback_statement (
  seq         bigint      generated always as identity primary key,
  decision_id text        not null references rollback_decision,
  at          timestamptz not null,
  person      text        not null,
  kind        text        not null check (kind in ('objection', 'answer', 'decision')),
  option      text        check (option in ('go-back', 'go-on')),
  text        text        not null
);
create index rollback_statement_of on rollback_statement (decision_id, seq);
create trigger rollback_statement_immutable before update or delete on rollback_statement for each row execute function refuse_change();
create trigger rollback_statement_kept_whole before truncate on rollback_statement for each statement execute function refuse_change();

-- Not only runs tell people something: the id says what it is about.
alter table plan_message drop constraint plan_message_run_id_fkey;
alter table plan_message add constraint plan_message_about check (run_id ~ '^(run|dep)_');

-- The way back, tried for a pair of versions. What it came to is evidence on the digest as well.
create table rehearsal (
  run_id         text        primary key references plan_run,
  service        text        not null,
  version        text        not null,
  digest         text        not null,
  former         text        not null,
  former_digest  text        not null,
  environment    text        not null,
  at             timestamptz not null,
  outcome        text        not null check (outcome in ('pass', 'fail')),
  seconds        numeric     not null check (seconds >= 0),
  compared       text[]      not null,
  differing      text[]      not null
);
create index rehearsal_of on rehearsal (service, at desc);
create trigger rehearsal_immutable before update or delete on rehearsal for each row execute function refuse_change();
create trigger rehearsal_kept_whole before truncate on rehearsal for each statement execute function refuse_change();
