-- Exemptions, overrides, emergencies and debts are facts as well; see 0010.
create trigger exemption_noted after insert or update on exemption for each row execute function note_fact('exemption', 'id');
create trigger exemption_approval_noted after insert on exemption_approval for each row execute function note_fact('exemption', 'exemption_id');
create trigger override_noted after insert on finding_override for each row execute function note_fact('override', 'content_digest');
create trigger emergency_noted after insert or update on emergency for each row execute function note_fact('emergency', 'service');
create trigger emergency_approval_noted after insert on emergency_approval for each row execute function note_fact('emergency-approval', 'emergency_id');
create trigger debt_noted after insert or update on debt for each row execute function note_fact('debt', 'team');
