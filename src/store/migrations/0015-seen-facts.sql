-- Of waiting work: what its last judgement was made from and what it said, so that a later look at the same facts is told
-- apart from one at others. Null: not known.
alter table deployment add column facts_seen text;
