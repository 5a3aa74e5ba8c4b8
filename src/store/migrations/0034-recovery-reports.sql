-- Backups and what came of restoring them are reported like everything else that others measure.
alter table report drop constraint report_kind_check;
alter table report add constraint report_kind_check check
  (kind in ('evidence', 'verification', 'ticket', 'error-budget', 'risk-score', 'signal', 'recovery')) not valid;
alter table report validate constraint report_kind_check;
