-- What is known of the calendar that a rota subscribes to. Its duties are an import like any other (rota_import); a
-- failed attempt touches the attempt alone, so the last good state stays in force.
create table rota_subscription (
  rota          text        primary key,
  team          text        not null,
  -- Digest of address, zone, team and mapping at the last attempt; other ones are tried at once.
  settings      text        not null,
  -- Digest of the text that was imported last by these settings; null: it has to be read anew.
  digest        text,
  etag          text,
  -- null: never read.
  imported_at   timestamptz,
  -- Recurring shifts are expanded up to here.
  expanded_to   timestamptz,
  attempted_at  timestamptz not null,
  next_at       timestamptz not null,
  -- null: the last attempt went well.
  failure       text,
  failing_since timestamptz,
  check ((failure is null) = (failing_since is null)),
  check ((imported_at is null) = (expanded_to is null))
);
