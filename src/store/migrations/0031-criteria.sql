-- What was sent to us over OTLP: metrics by series, error logs by class. Measurements and no record of acts: they are removed
-- when no baseline can reach them any more.
create table telemetry_series (
  id          bigint  generated always as identity primary key,
  service     text    not null,
  environment text    not null,
  metric      text    not null check (length(metric) between 1 and 200),
  -- Canonical JSON, `version` among them.
  labels      text    not null check (length(labels) <= 4000),
  -- A counter rises until its process starts anew, and is read as a rate per second.
  kind        text    not null check (kind in ('gauge', 'counter', 'rate')),
  unique (service, environment, metric, labels, kind)
);

create table telemetry_point (
  series_id bigint           not null references telemetry_series on delete cascade,
  second    bigint           not null check (second > 0),
  value     double precision not null,
  primary key (series_id, second)
);
create index telemetry_point_old on telemetry_point (second);

-- The newest second of which a place has sent anything, so that a silence is told from a quiet hour.
create table telemetry_beat (
  service     text   not null,
  environment text   not null,
  signal      text   not null check (signal in ('metrics', 'logs')),
  second      bigint not null,
  primary key (service, environment, signal)
);

-- Errors that differ only in numbers, ids and quoted words are of one class.
create table log_class (
  id          bigint generated always as identity primary key,
  service     text   not null,
  environment text   not null,
  -- Digest of the pattern.
  fingerprint text   not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  -- The line with everything that varies, and everything that may be secret, replaced.
  pattern     text   not null check (length(pattern) <= 300),
  unique (service, environment, fingerprint)
);

create table log_count (
  class_id bigint  not null references log_class on delete cascade,
  version  text    not null,
  second   bigint  not null check (second > 0),
  count    integer not null check (count > 0),
  primary key (class_id, version, second)
);
create index log_count_old on log_count (second);

-- How a criterion stands or ended in a stage of a deployment, with the series it was judged by.
create table criterion_result (
  deployment_id text        not null references deployment,
  -- `5 %`, `100 %`, or what is watched after it.
  stage         text        not null check (length(stage) between 1 and 100),
  criterion     text        not null check (length(criterion) between 1 and 200),
  at            timestamptz not null,
  outcome       text        not null check (outcome in ('pass', 'fail', 'inconclusive', 'flagged')),
  code          text        not null,
  sentence      text        not null,
  -- The rule as it stood, the value, bounds, freshness and all series, own and compared, as they came.
  detail        jsonb       not null,
  primary key (deployment_id, stage, criterion)
);
create trigger criterion_result_kept before delete on criterion_result for each row execute function refuse_change();
