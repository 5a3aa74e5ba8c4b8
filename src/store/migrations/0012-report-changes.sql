-- Reports, holds and stops are facts as well; see 0010.
create trigger report_noted after insert on report for each row execute function note_fact('report', 'seq');
create trigger hold_noted after insert or update on hold for each row execute function note_fact('hold', 'id');
create trigger stop_noted after insert or update on stop for each row execute function note_fact('stop', 'id');

-- From a booking to the deployment that carries it out.
create index deployment_of_booking on deployment (booking_id);
