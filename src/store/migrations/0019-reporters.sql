-- Verdicts at which work is admitted, gates of pipelines among them: what a draft of policies is tried on, in their order.
create index verdict_admitted on verdict (at, id) where gate in ('request', 'gate', 'start');
drop index verdict_admission;

-- Who reports signals and error budgets, and when it was heard last: what has fallen silent is seen without reading every
-- report. What verdicts know follows from the reports alone.
create table reporter (
  kind        text        not null,
  -- That of its reports.
  key         text        not null,
  service     text        not null,
  environment text,
  source      text        not null,
  outcome     text,
  heard_at    timestamptz not null,
  -- Its last report holds up to, not at, this instant; null: it reports changes only and promises no next report.
  fresh_until timestamptz,
  -- Its silence since `fresh_until` has been put on record.
  is_noted    boolean     not null default false,
  primary key (kind, key)
);
create index reporter_due on reporter (fresh_until) where fresh_until is not null and not is_noted;

create function note_reporter() returns trigger language plpgsql as $$
begin
  insert into reporter (kind, key, service, environment, source, outcome, heard_at, fresh_until)
  values (new.kind, new.key, new.subject, new.report ->> 'environment', new.report ->> 'source', new.outcome, new.at,
          (new.report ->> 'freshUntil')::timestamptz)
  on conflict (kind, key) do update set outcome = excluded.outcome, heard_at = excluded.heard_at,
    fresh_until = excluded.fresh_until, is_noted = false
    where reporter.heard_at <= excluded.heard_at;
  return null;
end $$;
-- What is put on record about a silence has not been said by the reporter.
create trigger reporter_heard after insert on report for each row
  when (new.kind in ('signal', 'error-budget') and not new.report ? 'silentSince') execute function note_reporter();

insert into reporter (kind, key, service, environment, source, outcome, heard_at)
select distinct on (kind, key) kind, key, subject, report ->> 'environment', report ->> 'source', outcome, at
from report where kind in ('signal', 'error-budget') order by kind, key, at desc, seq desc;
