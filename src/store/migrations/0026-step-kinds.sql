-- What a step keeps about itself while it is under way: why it waits and until when, what it has found, what was shown.
alter table plan_step
  add column notes               jsonb,
  -- A change of a fact about one of these services there, or of one of these digests, makes the step due at once.
  add column watched_environment text,
  add column watched_services    text[],
  add column watched_digests     text[];
create index plan_step_watching on plan_step (watched_environment)
  where state = 'running' and watched_environment is not null;

-- Consent to what a run is going to do, bound to the digest of it.
create table plan_approval (
  seq            bigint      generated always as identity primary key,
  run_id         text        not null references plan_run,
  part           text        not null check (part in ('forward', 'undo', 'rollback')),
  name           text        not null,
  person         text        not null,
  decision       text        not null check (decision in ('approved', 'rejected')),
  content_digest text        not null,
  reason         text        not null,
  at             timestamptz not null,
  -- Proof of identity given for it; null: none was asked for.
  signature_id   text,
  -- One decision per person and content.
  unique (run_id, part, name, person, content_digest)
);

-- Files that people gave with an answer. Kept as they came, never executed, given back as bytes.
create table plan_attachment (
  seq       bigint      generated always as identity primary key,
  run_id    text        not null references plan_run,
  part      text        not null check (part in ('forward', 'undo', 'rollback')),
  name      text        not null,
  file_name text        not null,
  -- `sha256:…` over the content.
  digest    text        not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  content   bytea       not null,
  person    text        not null,
  at        timestamptz not null,
  unique (run_id, part, name, file_name)
);

-- Proof that a person has shown who they are once more, for one answer to one step. Only its hash is kept.
create table signature (
  id          text        primary key check (id ~ '^sig_[0-9a-f]{32}$'),
  secret_hash text        not null,
  person      text        not null,
  account     text        not null,
  -- Token that was shown.
  token_id    text        not null,
  run_id      text        not null references plan_run,
  part        text        not null check (part in ('forward', 'undo', 'rollback')),
  name        text        not null,
  -- Over the answer that it signs.
  digest      text        not null,
  -- On the clock of credentials, like every token.
  created_at  timestamptz not null,
  expires_at  timestamptz not null check (expires_at > created_at),
  used_at     timestamptz
);
create index signature_of_person on signature (person) where used_at is null;

-- What a run tells people, once per key and person; whoever delivers messages reads here.
create table plan_message (
  seq    bigint      generated always as identity primary key,
  key    text        not null,
  person text        not null,
  run_id text        not null references plan_run,
  at     timestamptz not null,
  text   text        not null,
  unique (key, person)
);
create index plan_message_of_person on plan_message (person, seq desc);

-- A signature is used once.
create function signature_guard() returns trigger language plpgsql as $$
begin
  if old.used_at is not null then
    raise exception 'the signature % has been used', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger signature_once before update on signature for each row execute function signature_guard();
create trigger plan_approval_immutable before update or delete on plan_approval for each row execute function refuse_change();
create trigger plan_approval_kept_whole before truncate on plan_approval for each statement execute function refuse_change();
create trigger plan_attachment_immutable before update or delete on plan_attachment for each row execute function refuse_change();
create trigger plan_attachment_kept_whole before truncate on plan_attachment for each statement execute function refuse_change();
create trigger plan_message_immutable before update or delete on plan_message for each row execute function refuse_change();
create trigger plan_message_kept_whole before truncate on plan_message for each statement execute function refuse_change();
