-- What of a rule stopped when an override was given: only that is let through. Empty: the rule as a whole; null: given
-- before this was kept.
alter table finding_override add column subjects text[];

-- Person who registered it, unless a machine did: nobody clears himself by naming somebody else as author.
alter table artifact add column registered_by text;

-- Renewals are counted by what an exemption covers, whether or not it names the one before.
alter table exemption drop constraint exemption_check1;
alter table exemption add constraint exemption_renewal_counted check (renews is null or renewal > 0);

-- A message that was no longer true when its turn came: it was not sent.
alter table callback_delivery add column withdrawn_at timestamptz;
alter table callback_delivery drop constraint callback_delivery_check;
alter table callback_delivery add constraint callback_delivery_settled
  check (next_at is not null or delivered_at is not null or given_up_at is not null or withdrawn_at is not null);

-- Digest of event and body, where the number of a delivery is not signed: the same content is the same delivery.
alter table hook_delivery add column content text;
create index hook_delivery_content on hook_delivery (source, content) where content is not null;

-- A run of a pipeline may ask several gates; what ends it names them one by one.
drop index gate_external;
create index gate_external on gate (account, external_run, id desc) where external_run is not null;

-- Nobody reviews his own emergency, whatever asks for it.
create function refuse_own_review() returns trigger language plpgsql as $$
begin
  if exists (select from emergency e where e.id = new.emergency_id and e.opened_by = new.paid_by) then
    raise exception 'the emergency % was opened by %', new.emergency_id, new.paid_by;
  end if;
  return new;
end $$;
create trigger debt_reviewed_by_another before update on debt for each row
  when (new.kind = 'review' and new.paid_by is not null and old.paid_by is null) execute function refuse_own_review();
