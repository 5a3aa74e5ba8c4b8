-- Admission verdicts in the order of their instants: what a draft of policies is tried on.
create index verdict_admission on verdict (at, id) where gate in ('request', 'start');
