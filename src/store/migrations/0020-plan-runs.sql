-- A run of a plan, pinned to the plan with which it began. Its steps are rows: whoever looks at them, after a crash too,
-- comes to the same next move, and what waits costs nothing.
create table plan_run (
  id           text        primary key check (id ~ '^run_[0-9a-f]{32}$'),
  runbook      text        not null,
  -- Digest of the document at the begin.
  version      text        not null,
  plan         jsonb       not null,
  reason       text        not null,
  -- Who answers for it now: a person.
  owner        text        not null,
  -- Whose rights its steps use.
  started_by   text        not null,
  account      text        not null,
  state        text        not null default 'running'
    check (state in ('running', 'succeeded', 'failed', 'aborted', 'rolled-back', 'needs-human')),
  started_at   timestamptz not null,
  -- When nothing has turned it back by then it turns back by itself, so that the way back is over at the deadline.
  turn_at      timestamptz not null,
  deadline     timestamptz not null check (deadline >= turn_at),
  turned_by    text,
  turned_at    timestamptz,
  turn_reason  text,
  ended_at     timestamptz,
  outcome      text,
  request_key  text        unique,
  -- In queues for what is shared: the lowest goes first.
  priority     integer     not null default 100,
  -- Not looked at before this instant: a look has failed.
  paused_until timestamptz,
  check ((state = 'running') = (ended_at is null)),
  check ((ended_at is null) = (outcome is null)),
  check ((turned_by is null) = (turned_at is null) and (turned_by is null) = (turn_reason is null))
);
create index plan_run_begun on plan_run (started_at desc, id desc);
create index plan_run_turns on plan_run (turn_at) where state = 'running' and turned_by is null;

create table plan_step (
  -- The order in which they began.
  seq           bigint      generated always as identity,
  run_id        text        not null references plan_run,
  part          text        not null check (part in ('forward', 'undo', 'rollback')),
  name          text        not null,
  state         text        not null check (state in ('queued', 'running', 'done', 'skipped', 'failed', 'refused', 'cancelled')),
  begun_at      timestamptz not null,
  -- Its time-out.
  deadline      timestamptz not null,
  -- Looked at again at or after this instant; null: ended.
  look_at       timestamptz,
  -- The deployment that it made.
  deployment_id text        references deployment,
  ended_at      timestamptz,
  outcome       text,
  answered_by   text,
  answer        jsonb,
  primary key (run_id, part, name),
  check ((state in ('queued', 'running')) = (ended_at is null)),
  check ((state in ('queued', 'running')) = (look_at is not null)),
  check ((ended_at is null) = (outcome is null)),
  check ((answered_by is null) = (answer is null))
);
create index plan_step_due on plan_step (look_at) where state in ('queued', 'running');
create index plan_step_deployment on plan_step (deployment_id) where state = 'running' and deployment_id is not null;

-- What only so many may use at the same time: its row is written by everybody who looks at its queue.
create table plan_resource (
  name     text   primary key,
  revision bigint not null default 0,
  -- Rises with every grant: a target can refuse whoever comes with a lower one.
  fence    bigint not null default 0
);

create table plan_claim (
  seq         bigint      generated always as identity,
  run_id      text        not null references plan_run,
  part        text        not null,
  name        text        not null,
  resource    text        not null,
  units       integer     not null check (units > 0),
  priority    integer     not null,
  asked_at    timestamptz not null,
  -- null: in the queue.
  held_at     timestamptz,
  fence       bigint,
  released_at timestamptz,
  primary key (run_id, part, name, resource),
  check ((held_at is null) = (fence is null))
);
create index plan_claim_open on plan_claim (resource) where released_at is null;

-- An end is final, whoever writes.
create function plan_guard() returns trigger language plpgsql as $$
begin
  if old.state not in ('queued', 'running') then
    raise exception '% % has ended as %', tg_table_name, to_jsonb(old) ->> 'name', old.state using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger plan_run_final before update on plan_run for each row execute function plan_guard();
create trigger plan_step_final before update on plan_step for each row execute function plan_guard();
create trigger plan_run_kept before delete on plan_run for each row execute function refuse_change();
create trigger plan_run_kept_whole before truncate on plan_run for each statement execute function refuse_change();
create trigger plan_step_kept before delete on plan_step for each row execute function refuse_change();
create trigger plan_step_kept_whole before truncate on plan_step for each statement execute function refuse_change();

-- The step that made a deployment is looked at as soon as that has ended.
create function wake_plan_step() returns trigger language plpgsql as $$
begin
  update plan_step set look_at = least(look_at, new.ended_at) where deployment_id = new.id and state = 'running';
  return null;
end $$;
create trigger deployment_wakes_step after update on deployment for each row
  when (new.ended_at is not null and old.ended_at is null) execute function wake_plan_step();
