-- What a watcher said, and what somebody was told, stays as it was said.
create trigger watch_check_in_immutable before update or delete on watch_check_in for each row execute function refuse_change();
create trigger watch_check_in_kept_whole before truncate on watch_check_in for each statement execute function refuse_change();
create trigger watch_notice_immutable before update or delete on watch_notice for each row execute function refuse_change();
create trigger watch_notice_kept_whole before truncate on watch_notice for each statement execute function refuse_change();

-- Until when a stabilisation lasts that did not end at its time: the newest row of a deployment counts. Verdicts depend on it,
-- so what it was at an earlier instant can be asked for.
create table stabilisation_end (
  seq           bigint      generated always as identity primary key,
  deployment_id text        not null,
  service       text        not null,
  environment   text        not null,
  -- When it came to be, by the clock of verdicts.
  at            timestamptz not null,
  until         timestamptz not null
);
create index stabilisation_end_of on stabilisation_end (deployment_id, seq);
create trigger stabilisation_end_immutable before update or delete on stabilisation_end for each row execute function refuse_change();
create trigger stabilisation_end_kept_whole before truncate on stabilisation_end for each statement execute function refuse_change();
-- It is a part of what is known of the version that is live there.
create trigger stabilisation_end_noted after insert on stabilisation_end for each row execute function note_fact('deployed', 'environment', 'service');

-- How a criterion stands or ended in a step of a run, with the series it was judged by: as `criterion_result`.
create table plan_criterion_result (
  run_id    text        not null references plan_run,
  part      text        not null check (part in ('forward', 'undo', 'rollback')),
  name      text        not null,
  criterion text        not null check (length(criterion) between 1 and 200),
  at        timestamptz not null,
  outcome   text        not null check (outcome in ('pass', 'fail', 'inconclusive', 'flagged')),
  code      text        not null,
  sentence  text        not null,
  detail    jsonb       not null,
  primary key (run_id, part, name, criterion)
);
create trigger plan_criterion_result_kept before delete on plan_criterion_result for each row execute function refuse_change();
create trigger plan_criterion_result_kept_whole before truncate on plan_criterion_result for each statement execute function refuse_change();
