-- What people look at while a run goes on: who has to be present, whether it takes longer than it should, and what asks
-- for whom. A version before goes on without: its runs ask for nobody and are not late.
alter table plan_run
  -- Services that its steps deploy.
  add column services        text[]      not null default '{}',
  -- Person, team or role whom a step asks, by `part/name`.
  add column asking          jsonb       not null default '{}',
  -- Person, team or role that must be present; null: it is not of high risk.
  add column overseer_asked  text,
  -- Steps of the way forward that begin only while somebody of them is.
  add column protected_steps text[]      not null default '{}',
  add column overseer        text,
  add column overseer_since  timestamptz,
  -- What nine of ten of the runs before took at most, when this one began; null: too few.
  add column usual_seconds   integer,
  -- Under way at this instant it is late; null: nobody looks.
  add column alert_at        timestamptz,
  add column overrun_at      timestamptz,
  add column overrun_because text,
  add check ((overseer is null) = (overseer_since is null)),
  add check (overseer is null or overseer_asked is not null),
  add check ((overrun_at is null) = (overrun_because is null));
create index plan_run_of_runbook on plan_run (runbook, started_at desc, id desc);
create index plan_run_alerts on plan_run (alert_at)
  where state = 'running' and overrun_at is null and turned_by is null and alert_at is not null;

update plan_run r set asking = coalesce((
    select jsonb_object_agg(w.part || '/' || (p.step ->> 'name'), p.step #>> array_append(w.at, 'who'))
    from (values ('forward', 'steps', array['action']), ('undo', 'steps', array['compensation', 'action']),
                 ('rollback', 'rollback', array['action'])) w (part, field, at),
         lateral jsonb_array_elements(r.plan -> w.field) p (step)
    where p.step #>> array_append(w.at, 'kind') = 'human-task'), '{}')
  where r.state = 'running';

-- Without its overseer no protected step begins, whoever writes: the version before knows of none.
create function refuse_unseen_step() returns trigger language plpgsql as $$
begin
  if exists (select from plan_run r where r.id = new.run_id and r.overseer_asked is not null and r.overseer is null
               and new.name = any (r.protected_steps)) then
    raise exception 'the step % of % waits for an overseer', new.name, new.run_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger plan_step_overseen before insert on plan_step for each row when (new.part = 'forward')
  execute function refuse_unseen_step();

-- Pages learn of runs as they learn of holds, under the kind that the version before reads too. One event for each run
-- and transaction, however much of it has changed.
create function tell_runs(ids text[]) returns void language sql as $$
  insert into event (kind, object, body)
    select distinct 'configuration', 'run/' || id, '{}'::jsonb from unnest(ids) id
    where not exists (select from event e where e.xid = pg_current_xact_id() and e.object = 'run/' || id)
$$;
create function tell_changed_runs() returns trigger language plpgsql as $$
begin
  perform tell_runs(array(select distinct id from changed));
  return null;
end $$;
create trigger plan_run_begun_told after insert on plan_run referencing new table as changed for each statement
  execute function tell_changed_runs();
create trigger plan_run_changed_told after update on plan_run referencing new table as changed for each statement
  execute function tell_changed_runs();
create function tell_begun_steps() returns trigger language plpgsql as $$
begin
  perform tell_runs(array(select distinct run_id from changed));
  return null;
end $$;
create trigger plan_step_begun_told after insert on plan_step referencing new table as changed for each statement
  execute function tell_begun_steps();
-- That a step is looked at again later is nothing to tell.
create function tell_moved_steps() returns trigger language plpgsql as $$
declare
  ids text[] := array(select distinct c.run_id from changed c join was w
    on (c.run_id, c.part, c.name) = (w.run_id, w.part, w.name) where c.state <> w.state);
begin
  if ids <> '{}' then perform tell_runs(ids); end if;
  return null;
end $$;
create trigger plan_step_moved_told after update on plan_step referencing old table as was new table as changed
  for each statement execute function tell_moved_steps();
create trigger run_note_told after insert on audit_entry for each row when (new.action = 'run.note')
  execute function tell_change('run', 'object');
