-- A deployment that a pipeline carries out and Tidegate decides about. State, verdict and timer stand in the deployment.
create table gate (
  id               text        primary key,
  deployment_id    text        not null unique references deployment,
  -- Account that asked; its tokens are the only ones that may go on with it.
  account          text        not null,
  external_run     text,
  external_url     text,
  when_denied      text        not null check (when_denied in ('end', 'park')),
  -- Where and how its answer is sent; null: the pipeline asks again.
  callback_kind    text        check (callback_kind in ('webhook', 'github')),
  callback_id      text,
  callback_url     text,
  callback_context jsonb,
  -- The one token in force: only its digest is kept. Bound to everything that would run and to what decided about it.
  token_hash       text,
  token_binding    text,
  token_issued_at  timestamptz,
  token_expires_at timestamptz,
  token_used_at    timestamptz,
  token_void       text,
  lease_id         text        unique,
  lease_hash       text,
  lease_expires_at timestamptz,
  result           jsonb,
  check ((callback_kind is null) = (callback_url is null)),
  check ((token_hash is null) = (token_binding is null) and (token_hash is null) = (token_expires_at is null)),
  check ((lease_id is null) = (lease_hash is null) and (lease_id is null) = (lease_expires_at is null)),
  -- A lease exists only where a token was used.
  check (lease_id is null or token_used_at is not null)
);
create index gate_external on gate (account, external_run) where external_run is not null;

-- A token is used once, whoever writes.
create function gate_guard() returns trigger language plpgsql as $$
begin
  if old.token_used_at is not null and (new.token_hash, new.token_used_at, new.lease_id, new.lease_hash)
      is distinct from (old.token_hash, old.token_used_at, old.lease_id, old.lease_hash) then
    raise exception 'the token of gate % has been used', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger gate_once before update on gate for each row execute function gate_guard();
create trigger gate_kept before delete on gate for each row execute function refuse_change();
create trigger gate_kept_whole before truncate on gate for each statement execute function refuse_change();

-- Places to which answers are sent: an address and everything below it, with the secret that signs.
create table callback_endpoint (
  id         text        primary key,
  name       text        not null,
  url        text        not null,
  secret     text        not null,
  created_by text        not null,
  created_at timestamptz not null,
  removed_at timestamptz
);
create unique index callback_endpoint_name on callback_endpoint (name) where removed_at is null;

-- What is to be sent, written in the transaction of the change itself. Sent at least once: the id is for telling
-- repetitions apart. Times are those of the database, whatever the domain clock shows.
create table callback_delivery (
  id           text        primary key default 'evt_' || replace(gen_random_uuid()::text, '-', ''),
  gate_id      text        not null references gate,
  body         jsonb       not null,
  created_at   timestamptz not null default now(),
  attempts     integer     not null default 0,
  -- null: nothing more will be tried.
  next_at      timestamptz default now(),
  delivered_at timestamptz,
  given_up_at  timestamptz,
  failure      text,
  check (next_at is not null or delivered_at is not null or given_up_at is not null)
);
create index callback_delivery_due on callback_delivery (next_at) where next_at is not null;
create index callback_delivery_given_up on callback_delivery (given_up_at) where given_up_at is not null;
create index callback_delivery_of_gate on callback_delivery (gate_id, created_at);
create trigger callback_told after insert on callback_delivery for each statement execute function tell();

-- Whatever moves a gate, its caller is told: no way of ending one can forget it.
create function announce_gate(asked gate, about deployment, what text) returns void language plpgsql as $$
begin
  insert into callback_delivery (gate_id, body) values (asked.id, jsonb_build_object(
    'type', 'gate.' || what, 'timestamp', now(), 'data', jsonb_build_object(
      'gate', asked.id, 'deployment', about.id, 'state', what, 'service', about.service, 'version', about.version,
      'environment', about.environment, 'run', asked.external_run, 'outcome', about.outcome)));
end $$;

create function tell_gate() returns trigger language plpgsql as $$
declare
  asked gate;
  what  text;
begin
  if new.state is distinct from old.state then
    what := case new.state when 'waiting' then 'parked' when 'queued' then 'allowed' when 'running' then 'started'
      when 'rejected' then 'denied' when 'needs-human' then 'unknown' else new.state end;
  elsif new.abort_requested_by is not null and old.abort_requested_by is null then
    what := 'abort-requested';
  else
    return null;
  end if;
  select * into asked from gate where deployment_id = new.id and callback_kind is not null;
  if found and (asked.callback_kind = 'webhook' or what in ('allowed', 'denied', 'cancelled')) then
    perform announce_gate(asked, new, what);
  end if;
  return null;
end $$;
create trigger deployment_gate_told after update on deployment for each row execute function tell_gate();

-- Who asked by a webhook has read no answer, so a decision taken at once is sent as well.
create function tell_new_gate() returns trigger language plpgsql as $$
declare
  about deployment;
begin
  select * into about from deployment where id = new.deployment_id;
  if about.state in ('queued', 'rejected') then
    perform announce_gate(new, about, case about.state when 'queued' then 'allowed' else 'denied' end);
  end if;
  return null;
end $$;
create trigger gate_told after insert on gate for each row when (new.callback_kind = 'github')
  execute function tell_new_gate();

-- Systems that may send webhooks, and whose account each of them acts with.
create table hook_source (
  name            text        primary key,
  scheme          text        not null check (scheme in ('standard', 'github', 'gitlab', 'jenkins')),
  secret          text        not null,
  -- The one before, accepted until its end: a rotation loses no delivery.
  former_secret   text,
  former_until    timestamptz,
  account         text        not null,
  -- Names of repositories or projects to services, of their environments to ours.
  services        jsonb       not null,
  environments    jsonb       not null,
  created_by      text        not null,
  created_at      timestamptz not null,
  check ((former_secret is null) = (former_until is null))
);

-- Deliveries as they came: stored before they are answered, handled afterwards, kept for a replay.
create table hook_delivery (
  id          text        primary key,
  seq         bigint      generated always as identity unique,
  source      text        not null,
  -- As the sender numbers them: the same delivery twice has one effect.
  delivery    text        not null,
  event       text        not null,
  body        text        not null,
  received_at timestamptz not null default now(),
  state       text        not null default 'received' check (state in ('received', 'done', 'ignored', 'failed')),
  attempts    integer     not null default 0,
  -- A worker has it until then.
  taken_until timestamptz not null default '-infinity',
  handled_at  timestamptz,
  sentence    text,
  gate_id     text,
  unique (source, delivery)
);
create index hook_delivery_due on hook_delivery (seq) where state = 'received';
create trigger hook_told after insert on hook_delivery for each statement execute function tell();

-- Something is live at a target that no deployment and no gate has brought there.
create table violation (
  id               text        primary key,
  service          text        not null,
  environment      text        not null,
  seen_version     text        not null,
  seen_digest      text        not null,
  recorded_version text        not null,
  recorded_digest  text        not null,
  first_seen_at    timestamptz not null,
  last_seen_at     timestamptz not null,
  -- null: it is still so.
  ended_at         timestamptz
);
create unique index violation_open on violation (environment, service) where ended_at is null;
create index violation_recent on violation (first_seen_at desc, id desc);
