-- What has changed among the facts of verdicts, written by triggers in the transaction of the change itself: whoever
-- keeps facts in memory reads here, in the snapshot in which he answers, what he has to read anew. Rows are short-lived.
create table fact_change (
  seq    bigint      generated always as identity primary key,
  xid    xid8        not null default pg_current_xact_id(),
  at     timestamptz not null default now(),
  domain text        not null,
  -- Names joined by a blank, which no name holds.
  key    text        not null
);
create index fact_change_order on fact_change (xid);
create index fact_change_age on fact_change (at);

-- Up to here changes were removed: a reader whose snapshot is older reads everything anew. One row.
create table fact_change_pruned (
  one boolean primary key default true check (one),
  xid xid8    not null
);

-- Arguments: the domain, then the columns that make the key.
create function note_fact() returns trigger language plpgsql as $$
declare
  changed jsonb := to_jsonb(coalesce(new, old));
  parts   text[] := '{}';
begin
  for place in 1 .. tg_nargs - 1 loop
    parts := parts || (changed ->> tg_argv[place]);
  end loop;
  insert into fact_change (domain, key) values (tg_argv[0], array_to_string(parts, ' ', ''));
  return null;
end $$;

create trigger configuration_noted after insert on configuration_revision for each row execute function note_fact('configuration');
create trigger artifact_noted after insert on artifact for each row execute function note_fact('artifact', 'service', 'version');
create trigger approval_noted after insert on approval for each row execute function note_fact('approval', 'service', 'version', 'environment');
create trigger deployed_noted after insert or update on deployed for each row execute function note_fact('deployed', 'environment', 'service');
create trigger lock_noted after insert or update or delete on environment_lock for each row execute function note_fact('lock', 'key');
create trigger profile_noted after insert or update on load_profile for each row execute function note_fact('profile', 'environment', 'service');
create trigger rota_import_noted after insert or update on rota_import for each row execute function note_fact('rota', 'team');
create trigger rota_swap_noted after insert or update on rota_swap for each row execute function note_fact('rota', 'team');
create trigger slot_position_noted after insert on slot_position for each row execute function note_fact('agreed', 'deployment_id');
create trigger calendar_noted after insert or update on business_source for each row execute function note_fact('calendar', 'calendar');
create trigger deployment_noted after insert on deployment for each row execute function note_fact('booking', 'booking_id');
create trigger deployment_ended_noted after update of ended_at on deployment for each row
  when (old.ended_at is distinct from new.ended_at) execute function note_fact('booking', 'booking_id');
create trigger booking_moved_noted after update of planned_from, planned_to on booking for each row
  when ((old.planned_from, old.planned_to) is distinct from (new.planned_from, new.planned_to))
  execute function note_fact('booking', 'id');
