-- What a step of a run does where services run: what was asked, under which number of the environment's lock, and what
-- came of it.
create table plan_act (
  run_id      text        not null references plan_run,
  part        text        not null check (part in ('forward', 'undo', 'rollback')),
  name        text        not null,
  environment text        not null,
  service     text        not null,
  -- null: it has not begun; `waits_for` says why.
  fence       bigint,
  waits_for   text,
  request     jsonb       not null,
  -- What the target showed before it was asked.
  seen_before jsonb,
  answer      jsonb,
  primary key (run_id, part, name),
  check ((fence is null) = (waits_for is not null)),
  check (fence is not null or (seen_before is null and answer is null))
);

-- An answer is final, and so is the number under which it was asked.
create function plan_act_guard() returns trigger language plpgsql as $$
begin
  if old.answer is not null or (old.fence is not null and (new.fence, new.request) is distinct from (old.fence, old.request)) then
    raise exception 'what % of % did is on record', old.name, old.run_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger plan_act_final before update on plan_act for each row execute function plan_act_guard();
create trigger plan_act_kept before delete on plan_act for each row execute function refuse_change();
create trigger plan_act_kept_whole before truncate on plan_act for each statement execute function refuse_change();
