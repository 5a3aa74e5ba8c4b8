-- Who was told something about work of his that no longer holds, and what holds instead. Written with the verdict that
-- changed it; whoever delivers messages reads here.
create table notice (
  seq           bigint      generated always as identity primary key,
  deployment_id text        not null references deployment,
  person        text        not null,
  at            timestamptz not null,
  verdict_id    text        not null references verdict,
  was           text        not null check (was in ('allow', 'wait', 'hold', 'deny')),
  was_opening   timestamptz,
  now_is        text        not null check (now_is in ('allow', 'wait', 'hold', 'deny')),
  now_opening   timestamptz,
  -- Rules whose answer is another one, with their sentences.
  because       jsonb       not null,
  -- One notice per person and verdict, however often it is written.
  unique (verdict_id, person)
);
create index notice_of_person on notice (person, seq desc);
create index notice_of_deployment on notice (deployment_id, seq desc);
create trigger notice_immutable before update or delete on notice for each row execute function refuse_change();
create trigger notice_kept_whole before truncate on notice for each statement execute function refuse_change();
