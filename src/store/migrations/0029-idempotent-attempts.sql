-- An attempt to carry out a request: whoever holds it marks, in the transaction that does something, that something was
-- done. Rows of the version before have none of it and are judged by their age alone.
alter table idempotent_answer
  -- Another one with each attempt; a transaction of an attempt that lost its key is rolled back.
  add column attempt uuid,
  -- Something was stored for this request.
  add column acted boolean not null default false,
  -- Nobody works on it any more, and there is no answer.
  add column ended boolean not null default false;
