-- Pages learn of what lets work through in spite of a rule, of gates and of signals as they learn of holds: what holds
-- for waiting work has changed. All of it wears the kind of the configuration's events, which the version before reads
-- too; the object says what it was. Arguments: the word before the name, and the column of the name.
create function tell_change() returns trigger language plpgsql as $$
begin
  insert into event (kind, object, body)
    values ('configuration', tg_argv[0] || '/' || (to_jsonb(new) ->> tg_argv[1]), '{}');
  return null;
end $$;
create trigger exemption_page_told after insert or update on exemption for each row execute function tell_change('exemption', 'id');
create trigger exemption_approval_page_told after insert on exemption_approval for each row execute function tell_change('exemption', 'exemption_id');
create trigger override_page_told after insert on finding_override for each row execute function tell_change('override', 'id');
create trigger emergency_page_told after insert or update on emergency for each row execute function tell_change('emergency', 'id');
create trigger emergency_approval_page_told after insert on emergency_approval for each row execute function tell_change('emergency', 'emergency_id');
create trigger debt_page_told after insert or update on debt for each row execute function tell_change('debt', 'id');
create trigger gate_page_told after insert or update on gate for each row execute function tell_change('gate', 'id');
create trigger signal_page_told after insert on report for each row when (new.kind = 'signal') execute function tell_change('signal', 'subject');

-- Cases (kind PolicyCase) of the folder that was applied last: tests of policies, no part of the configuration.
create table policy_case (
  name        text        primary key,
  description text,
  spec        jsonb       not null,
  -- `path:line` where it was written.
  place       text        not null,
  applied_at  timestamptz not null,
  applied_by  text        not null
);

create function tell_cases() returns trigger language plpgsql as $$
begin
  insert into event (kind, object, body) values ('configuration', 'policy-case/all', '{}');
  return null;
end $$;
create trigger policy_case_told after insert or delete on policy_case for each statement execute function tell_cases();
