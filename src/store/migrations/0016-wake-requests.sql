-- Waiting work that has to be looked at again because a fact has changed. Written in the transaction of the change, which
-- must not wait for the rows of work that is being judged, let alone fail because of them; taken right after its commit.
create table wake_request (
  seq          bigint      generated always as identity primary key,
  -- Null: of whatever service.
  services     text[],
  -- Empty: everywhere.
  environments text[]      not null,
  -- Null: with whatever digest.
  digest       text,
  at           timestamptz not null
);
